"""custval: customer value from an order log: scores, forecasts, lifetime value, tiers and stages, with reasons.

Start with `CustomerBase`, which reads an order log; everything else takes a base or columns of one row per customer.
"""
try:
    from . import _core as _core
except ImportError:
    from ._versions import explain_missing_core
    explain_missing_core()
    raise

from . import datasets
from ._formatting import Coefficients
from ._row_report import Rows
from ._versions import show_versions
from .customers.customer_base import CustomerBase
from .errors import ConfigError, DataError, DataWarning, FitError
from .evaluation.accuracy import Accuracy, Dependence, Evaluation
from .evaluation.comparison import Comparison, compare
from .evaluation.survival import Survival
from .io import load
from .lifecycle.cohorts import Cohorts, cohorts, tenures
from .lifecycle.customer_flow import customer_flow
from .lifecycle.decomposition import Decomposition, decompose
from .lifecycle.stages import Stages, stages
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
from .models.prediction import Bootstrap, Interval, Total
from .scorecard import rules, weights
from .scorecard.appraisal import appraise, consensus
from .scorecard.explain import Explanation
from .scorecard.indicator import Indicator
from .scorecard.rater_agreement import Review
from .scorecard.scorecard import Scorecard
from .scorecard.scorecards import Scorecards
from .scorecard.store import Store
from .scorecard.versions import Difference
from .segmentation.concentration import Lorenz, gini, lorenz, share_of_top
from .segmentation.crosstab import Crosstab, crosstab
from .segmentation.grid import Grid, grid
from .segmentation.migration import Migration, migration
from .segmentation.pyramid import Pyramid, abc, pyramid
from .segmentation.rfm import RFM, Segments, rfm
from .segmentation.segmentation import Segmentation
from .valuation.churn_risk import at_risk, win_back
from .valuation.clv import CLV
from .valuation.forecaster import Forecaster, forecast

__version__ = "0.1.0"

__all__ = [
    "BGBB",
    "BGCNBD",
    "BGNBD",
    "CLV",
    "MBGCNBD",
    "MBGNBD",
    "NBD",
    "RFM",
    "Accuracy",
    "BetaDiscreteWeibull",
    "Bootstrap",
    "Coefficients",
    "Cohorts",
    "Comparison",
    "ConfigError",
    "Crosstab",
    "CustomerBase",
    "DataError",
    "DataWarning",
    "Decomposition",
    "Dependence",
    "Difference",
    "Evaluation",
    "Explanation",
    "FitError",
    "Forecaster",
    "GGompertzNBD",
    "GammaGamma",
    "Grid",
    "Indicator",
    "Interval",
    "Lorenz",
    "Migration",
    "NormalMargin",
    "ParetoNBD",
    "Pyramid",
    "Review",
    "Rows",
    "Scorecard",
    "Scorecards",
    "Segmentation",
    "Segments",
    "ShiftedBetaGeometric",
    "Stages",
    "Store",
    "Survival",
    "Total",
    "__version__",
    "abc",
    "appraise",
    "at_risk",
    "cohorts",
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
    "tenures",
    "weights",
    "win_back",
]


def __dir__() -> list[str]:
    """Return the public names only."""
    return sorted(__all__)


for _name in __all__:                                          # no private module shows in help or a pickle
    if "._" in getattr(_found := globals()[_name], "__module__", ""):
        _found.__module__ = "custval"
del _name, _found
