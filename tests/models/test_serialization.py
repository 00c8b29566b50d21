"""Models in files: the text, round trips to the last bit, and errors that name the place."""
import copy
import json
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import custval as cv
from custval.io import MODELS

CDNOW = cv.datasets.cdnow().as_of("1997-09-30")
FIRM = cv.datasets.crm(customers=120, seed=4).base()
NOBODY = {"x": np.zeros(9), "t_x": np.zeros(9), "T": np.full(9, 5.0), "m_x": np.full(9, math.nan)}


def same(one, other):
    """Return whether two values are the same to the last bit and of one type, NaN included."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return type(one) is type(other) and repr(one) == repr(other)


def fitted(word, data=CDNOW, **held):
    model = MODELS[word](**held)
    return model.fit(data)


FITS = {
    "bgnbd": lambda: fitted("bgnbd"), "bgnbd held": lambda: fitted("bgnbd", a=1.5, b=3, unit="W"),
    "bgnbd in frames": lambda: cv.BGNBD().fit({"frequency": [0, 1, 2, 5], "recency": [0.0, 3, 5, 7], "T": [9.0] * 4}),
    "mbgnbd": lambda: fitted("mbgnbd", unit="M"), "gg": lambda: fitted("gg"),
    "mbgnbd with covariates": lambda: fitted("mbgnbd", FIRM, rate_covariates=["users"], dropout_covariates=["capacity"],
                                             penalty=1 / 3),
    "bgcnbd": lambda: fitted("bgcnbd"), "mbgcnbd held": lambda: fitted("mbgcnbd", k=2),
    "bgnbd of nobody": lambda: fitted("bgnbd", NOBODY), "gg of nobody": lambda: fitted("gg", NOBODY, q=3.3),
    "bgnbd cut short": lambda: cv.BGNBD().fit(CDNOW, max_passes=1),
    "bgnbd given": lambda: cv.BGNBD(r=1e-6, alpha=1e12, a=.1, b=1 / 3, unit="Q"),
    "gg not fitted": lambda: cv.GammaGamma(p=.3),
}


@pytest.fixture(scope="module", params=FITS)
def model(request):
    return FITS[request.param]()


def test_a_model_comes_back_from_text_to_the_last_bit(model):
    text = model.to_json()
    back = cv.load(text)
    assert type(back) is type(model) and same(vars(model), vars(back)) and back.to_json() == text
    assert len(text.encode()) < 4096


def test_a_model_comes_back_from_a_file(model, tmp_path):
    path = tmp_path / "model.json"
    assert model.to_json(path) == path.read_text(encoding="utf-8")
    assert same(vars(model), vars(cv.load(path))) and same(vars(model), vars(cv.load(str(path))))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
                         ids=["copy", "deepcopy", "pickle"])
def test_copies_and_pickles_keep_everything(how, model):
    assert same(vars(model), vars(how(model))) and len(pickle.dumps(model)) < 4096


def test_a_loaded_model_predicts_the_same_bits():
    x, t_x, T = (CDNOW.summary(unit="W")[name] for name in ("x", "t_x", "T"))
    model = fitted("mbgnbd", unit="W")
    for one in (cv.load(model.to_json()), pickle.loads(pickle.dumps(model))):
        assert same(one.p_alive(x, t_x, T), model.p_alive(x, t_x, T))
        assert same(one.dert(x, t_x, T, discount=.1), model.dert(x, t_x, T, discount=.1))
        assert repr(one) == repr(model) and repr(one.summary()) == repr(model.summary())


def test_a_loaded_fit_that_did_not_converge_refuses_as_before():
    model = fitted("bgnbd", NOBODY)
    with pytest.raises(cv.FitError) as before:
        model.p_alive(1, 2.0, 3.0)
    with pytest.raises(cv.FitError, match="no_repeats") as after:
        cv.load(model.to_json()).p_alive(1, 2.0, 3.0)
    assert str(before.value) == str(after.value)


def test_the_first_file_ever_written_loads():
    """BG/NBD of the first 39 weeks of CDNOW, written before models had covariates; P(alive) as in help(BGNBD)."""
    model = cv.load(Path(__file__).parents[1] / "reference" / "model-1.json")
    assert round(float(model.p_alive(2, 30.43, 38.86)), 4) == .7266 and model.n_ == 2357


@pytest.mark.parametrize("word", MODELS)
def test_every_model_can_be_written(word):
    model = MODELS[word](**{name: k + 1.0 for k, name in enumerate(MODELS[word].names)})
    assert same(vars(model), vars(cv.load(model.to_json())))


FIT_TO = {"bgbb": lambda make: make(unit="Q").fit(FIRM)} | dict.fromkeys(
    ("sbg", "bdw"), lambda make: make().fit(survivors=[100.0, 70.0, 60.0, 55.0]))


@pytest.mark.parametrize("word", MODELS)
def test_every_model_comes_back_from_a_fit(word):
    model = FIT_TO.get(word, lambda make: make().fit(FIRM))(MODELS[word])
    assert same(vars(model), vars(cv.load(model.to_json()))) and hasattr(model, "status_")


def test_the_file_has_fixed_and_free_parameters_and_no_data():
    table = json.loads(fitted("bgnbd", a=1.5, unit="W").to_json())
    assert list(table) == ["schema", "model", "keywords", "fit"] and table["schema"] == "custval/model-1"
    assert table["keywords"] == {"r": None, "alpha": None, "a": 1.5, "b": None, "unit": "W", "clock": None,
                                 "rate_covariates": [], "dropout_covariates": [], "penalty": 0.0}
    assert table["fit"]["se"]["a"] is None and table["fit"]["n"] == 2357


def test_infinite_and_missing_numbers_are_words():
    model = fitted("gg")
    model.set_fit({"status": "flat", "loglik": -math.inf, "bic": math.inf,
                   "null_direction": {"p": -0.0, "q": 0.0, "gamma": math.nan}})
    table = json.loads(model.to_json())["fit"]
    assert (table["loglik"], table["bic"], table["null_direction"]["gamma"]) == ("-inf", "inf", None)
    assert same(vars(model), vars(cv.load(model.to_json())))


def test_cards_are_loaded_as_well(tmp_path):
    card = cv.Scorecard.builtin("b2b")
    for name in ("card.toml", "card.json"):
        card.save(tmp_path / name)
        assert cv.load(tmp_path / name) == card
    assert cv.load((tmp_path / "card.json").read_text(encoding="utf-8")) == card
    (tmp_path / "card.json").write_text((tmp_path / "card.json").read_text().replace('"weight"', '"wieght"', 1))
    with pytest.raises(cv.ConfigError, match=r"^card.json: indicator\[0\]: key 'wieght' is not known\n  did you mean"):
        cv.load(tmp_path / "card.json")


# ---- errors ----

GOOD = fitted("bgnbd", a=1.5, unit="W").to_json()


def edited(pattern, new):
    assert re.search(pattern, GOOD)
    return re.sub(pattern, new, GOOD, count=1)


@pytest.mark.parametrize("text, said", [
    (edited("model-1", "model-2"), "schema = 'custval/model-2', this version reads 'custval/model-1', 'custval/clv-1'"),
    (edited('"bgnbd"', '"bgnb"'), r"model 'bgnb' is not known\n  did you mean 'bgnbd'\?   known: "),
    (edited('"bgnbd"', "[1]"), r"model \[1\] is not known"),
    (edited('"bgnbd"', '"gg"'), "keywords: key 'r' is not known"),
    (edited('"keywords"', '"keyword"'), r"key 'keyword' is not known\n  did you mean 'keywords'"),
    (edited('"alpha"', '"alfa"'), r"keywords: key 'alfa' is not known\n  did you mean 'alpha'"),
    (edited('"alpha": null,', ""), "keywords: the key 'alpha' is missing"),
    (edited('"a": 1.5', '"a": -1.5'), "keywords: BGNBD: a=-1.5 is not possible"),
    (edited('"a": 1.5', '"a": [1.5]'), r"keywords: a = \[1.5\] is neither a number nor a text"),
    (edited('"a": 1.5', '"a": true'), "keywords: a = True is neither a number nor a text"),
    (edited('"a": 1.5', '"a": "1.5"'), "keywords: BGNBD: a='1.5' is not possible"),
    (edited('"unit": "W"', '"unit": "week"'), r"keywords: unit 'week' is not known: did you mean 'W'"),
    (edited('"unit": "W"', '"unit": 7'), "keywords: unit '?7'? is not known"),
    (edited('"fit": {', '"fit": 3, "x": {'), "key 'x' is not known"),
    (edited('"status": "converged"', '"status": "convergd"'), r"fit.status: status 'convergd' is not known\n  did you"),
    (edited('"loglik": ', '"loglik": "low", "x": '), "fit: key 'x' is not known"),
    (edited('"loglik": [-.0-9]+', '"loglik": "low"'), "fit.loglik: 'low' is not a number"),
    (edited('"loglik": [-.0-9]+', '"loglik": true'), "fit.loglik: True is not a number"),
    (edited('"loglik": [-.0-9]+', '"loglik": ' + "9" * 400), "fit.loglik: 9999999999.* is not a number"),
    (edited('"loglik": [-.0-9]+', '"loglik": NaN'), "NaN is not a number that a file can hold"),
    (edited('"loglik": [-.0-9]+', '"loglik": 1e999'), "1e999 is not a number that a file can hold"),
    (edited(r'"params": \{\s+"r": [.0-9]+', '"params": {"r": null'), "fit.params: BGNBD: r=nan is not possible"),
    (edited(r'"params": \{\s+"r": [.0-9]+', '"params": {"r": 0'), "fit.params: BGNBD: r=0.0 is not possible"),
    (edited(r'"params": \{\s+"r": [.0-9]+', '"params": {"r": "x"'), "fit.params: r: 'x' is not a number"),
    (edited(r'"status": "converged"((.*\n)*?).*"r": [.0-9]+', r'"status": "flat"\1"r": 0'),
     "fit.params: BGNBD: r=0.0 is not possible"),
    (edited(r'("params": \{[^}]*"a": )1.5', r"\g<1>1.6"), "fit.params.a = 1.6, but the parameter is fixed at 1.5"),
    (edited(r'"cov": \[\s+\[', '"cov": [[1, '), "fit.cov: expected 4 lists of 4 numbers"),
    (edited('"n": 2357', '"n": -1'), "fit.n: -1 is not a number of 0 or more"),
    (edited('"n": 2357', '"n": null'), r"fit.n: \(missing\) is not a number of 0 or more"),
    (edited('"n_iter": ', '"n_iter": 1.5, "i": '), "fit: key 'i' is not known"),
    (edited('"n_iter": [0-9]+', '"n_iter": 2.5'), "fit.n_iter: 2.5 is not a whole number"),
    (edited('"advice": ""', '"advice": 3'), "fit.advice: 3 is not a text"),
    (edited('"advice": ""', r'"advice": "\\ud800"'), "fit.advice: text = '.ud800' holds half a character"),
    (edited('"notes": \\[\\]', '"notes": "a"'), "fit.notes: 'a' is not a list of texts"),
    (edited('"notes": \\[\\]', '"notes": [], "notes": []'), "key 'notes' is given twice"),
    ("{", "Expecting"), ("{}", "schema = None"), ('{"schema": [1]}', r"schema = \[1\]"),
])
def test_invalid_text_is_refused_with_its_place(text, said, tmp_path):
    with pytest.raises(cv.ConfigError, match=f"(?s)^text: .*{said}"):
        cv.load(text)
    (tmp_path / "spring.json").write_text(text)
    with pytest.raises(cv.ConfigError, match=f"(?s)^spring.json: .*{said}"):
        cv.load(tmp_path / "spring.json")


def test_paths_without_a_model_are_refused(tmp_path):
    with pytest.raises(cv.ConfigError, match=r"^model.pkl: a model, card or base is a .toml or a .json"):
        cv.load("model.pkl")
    with pytest.raises(cv.ConfigError, match=r"^m.toml: a model is a .json file"):
        cv.BGNBD().to_json(tmp_path / "m.toml")
    with pytest.raises(FileNotFoundError):
        cv.load(tmp_path / "nowhere.json")
    (tmp_path / "large.json").write_text(" " * (1 << 17) + "{}")
    with pytest.raises(cv.ConfigError, match=r"^large.json: larger than 131,072 bytes; that is no model or card"):
        cv.load(tmp_path / "large.json")
