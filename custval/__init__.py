"""custval: what every customer is worth, why, and what to do about it."""
try:
    from . import _core as _core
except ImportError:
    from ._versions import explain_missing_core
    explain_missing_core()
    raise

from . import datasets
from ._versions import show_versions
from .customers.customer_base import CustomerBase
from .errors import ConfigError, DataError, DataWarning, FitError
from .evaluation.comparison import compare
from .io import load
from .lifecycle.customer_flow import customer_flow
from .lifecycle.decomposition import decompose
from .lifecycle.stages import stages
from .lifecycle.value_curve import curve
from .models import (
    BGBB,
    BGCNBD,
    BGNBD,
    MBGCNBD,
    MBGNBD,
    NBD,
    BetaDiscreteWeibull,
    GammaGamma,
    GGompertzNBD,
    NormalMargin,
    ParetoNBD,
    ShiftedBetaGeometric,
)
from .scorecard import rules, weights
from .scorecard.appraisal import appraise
from .scorecard.consensus import consensus
from .scorecard.indicator import Indicator
from .scorecard.scorecard import Scorecard
from .scorecard.scorecards import Scorecards
from .scorecard.store import Store
from .segmentation.concentration import gini, lorenz, share_of_top
from .segmentation.crosstab import crosstab
from .segmentation.grid import grid
from .segmentation.migration import migration
from .segmentation.pyramid import abc, pyramid
from .segmentation.rfm import rfm
from .valuation.churn_risk import at_risk, win_back
from .valuation.clv import CLV
from .valuation.forecast import forecast

__version__ = "0.1.0"

__all__ = [
    "BGBB",
    "BGCNBD",
    "BGNBD",
    "CLV",
    "MBGCNBD",
    "MBGNBD",
    "NBD",
    "BetaDiscreteWeibull",
    "ConfigError",
    "CustomerBase",
    "DataError",
    "DataWarning",
    "FitError",
    "GGompertzNBD",
    "GammaGamma",
    "Indicator",
    "NormalMargin",
    "ParetoNBD",
    "Scorecard",
    "Scorecards",
    "ShiftedBetaGeometric",
    "Store",
    "__version__",
    "abc",
    "appraise",
    "at_risk",
    "compare",
    "consensus",
    "crosstab",
    "curve",
    "customer_flow",
    "datasets",
    "decompose",
    "forecast",
    "gini",
    "grid",
    "load",
    "lorenz",
    "migration",
    "pyramid",
    "rfm",
    "rules",
    "share_of_top",
    "show_versions",
    "stages",
    "weights",
    "win_back",
]
