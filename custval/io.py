"""Load models, lifetime values, forecasters, scorecards and customer bases from files."""
from __future__ import annotations

import os
from typing import Any

from . import models
from ._files import At, keys, known, read, suffix
from ._formatting import plain
from .customers.customer_base import CustomerBase
from .errors import ConfigError
from .models import serialization
from .scorecard import card_files, scorecards
from .scorecard.scorecard import Scorecard
from .scorecard.scorecards import Scorecards
from .valuation import clv, forecaster

MODELS = {getattr(models, name).prefix: getattr(models, name) for name in models.__all__}


def load(source: str | os.PathLike[str]) -> Any:
    """Load a model, a CLV, a Forecaster or a scorecard or a customer base from a file or from JSON text.

    Parameters
    ----------
    source : path or str
        A ``.json`` file, for a scorecard also a ``.toml`` file, for a base an ``.npz`` file; or the JSON text that
        `to_json` returns.

    Returns
    -------
    BGNBD, ..., GammaGamma, CLV, Forecaster, Scorecard, Scorecards or CustomerBase
        The object as it was saved, every number to its last bit: same predictions, same points.

    Raises
    ------
    ConfigError
        The file has no model or scorecard of a schema that this version reads; the message names the file, the
        place in it and the nearest known word.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import custval as cv
    >>> model = cv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> cv.load(model.to_json())
    <BGNBD r=0.243 alpha=4.414 a=0.793 b=2.426 unit=W>
    """
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return card_files.built(source.encode(errors="surrogatepass"), "text", _of_schema)
    if str(source).endswith(".npz"):
        return CustomerBase.load(source)
    suffix(source, (*card_files.FORMATS, ".npz"), "a model, card or base")
    return card_files.built(read(source, "model or card"), plain(os.path.basename(source)), _of_schema)


def _of_schema(table: Any, name: str) -> Any:
    schema = table.get("schema")
    if schema == card_files.SCHEMA:
        return card_files.from_dict(Scorecard, table, name)
    if schema == scorecards.SCHEMA:
        return scorecards.from_dict(Scorecards, table, name)
    if schema == clv.CLV.schema:
        return clv.clv_from(table, name, _model)
    if schema == forecaster.Forecaster.schema:
        return forecaster.forecaster_from(table, name, _model)
    if schema != serialization.SCHEMA:
        raise ConfigError(f"{name}: schema = {schema!r}, this version reads {serialization.SCHEMA!r}, "
                          f"{clv.CLV.schema!r}, {forecaster.Forecaster.schema!r}, {card_files.SCHEMA!r} and "
                          f"{scorecards.SCHEMA!r}")
    return _model(table, name)


def _model(table: Any, name: str) -> Any:
    keys(table, serialization.MODEL, ("schema", "model"), name)
    with At(name):
        known(table["schema"], (serialization.SCHEMA,), "schema")
        known(table["model"], MODELS, "model")
    return serialization.model_of(MODELS[table["model"]], table, name)
