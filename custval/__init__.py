"""custval: customer value from an order log: scores, forecasts, lifetime value, tiers and stages, with reasons.

Start with `CustomerBase`, which reads an order log; everything else takes a base or columns of one row per customer.
This page is a map by task; ``help(cv.forecast)``, ``help(cv.CustomerBase.attributes)`` and so on describe arguments,
results, errors and sources, with examples. Tables come in the kind of frame that was given: pandas, polars, pyarrow,
DuckDB, or a dict of arrays.

>>> import custval as cv
>>> orders = {"id": [7, 7, 9], "date": ["2025-01-02", "2025-03-01", "2025-02-11"], "sales": [10.0, 8.0, 12.0]}
>>> cv.CustomerBase(orders, customer="id", time="date", amount="sales")
<CustomerBase 2 customers, 3 orders, 2025-01-02..2025-03-01, net 30.00>

Data
----
`CustomerBase`            read an order log; data report, `check`, summary, history, attributes, logs, splits
`Rows`, `Findings`        account of the rows of a log, read = used + merged + dropped; oddities, from `check`
`datasets`                built-in data: cdnow, crm (a simulated firm), donations, contracts
`tenures`                 lengths of contracts from a log of payments
`load`                    read a saved model, CLV, Forecaster or scorecard

Points and scorecards
---------------------
`Scorecard`, `Indicator`  points from columns; a card has indicators, an indicator has measures
`rules`                   what turns a value into points: Steps, Linear, Piecewise, Log, Grades, Table, Manual
`weights`                 weights of indicators from judgments: pairwise, swing
`Scorecards`              a card for each kind of customer
`Explanation`             the parts of one customer's score, from ``card.explain``
`Difference`, `Review`    what a new version of a card changes; manual scores and the agreement of raters
`Store`                   keep cards, reviews and runs in a file; repeat a run bit for bit
`appraise`, `consensus`   many models side by side, and what they agree on

Tiers and segments
------------------
`pyramid`, `abc`          tiers from the top down; classes A, B, C
`grid`                    cells of two values, such as value and loyalty
`rfm`                     recency, frequency and money: scores and named segments
`crosstab`                two classifications of the same customers
`migration`               classes at two times: who moved up, down, came and went
`lorenz`                  concentration; with `share_of_top` and `gini`
results                   `Pyramid`, `Grid`, `RFM`, `Segments`, `Segmentation`, `Crosstab`, `Migration`, `Lorenz`

Models
------
purchases                 `BGNBD`, `MBGNBD`, `ParetoNBD`, `GGompertzNBD`, `NBD`; regular ones `BGCNBD`, `MBGCNBD`
`Clock`                   season, growth and promotions that all customers share, in ``clock=`` of a purchase model
opportunities             `BGBB`: purchases at given opportunities, such as campaigns or years
contracts                 `ShiftedBetaGeometric`, `BetaDiscreteWeibull`
money per purchase        `GammaGamma`, `LogNormalSpend` for amounts, `NormalMargin` for margins of either sign
`compare`                 likelihood, nested tests and backtests of several models
results                   `Coefficients`, `Interval`, `Total`, `Bootstrap`, `Dependence`, `Comparison`, `Evaluation`,
                          `Accuracy`, `Survival`

Forecast and lifetime value
---------------------------
`forecast`                value of every customer in the next calendar periods, beside the past ones
`Forecaster`              the same, fitted once and kept in a file; ``total`` gives a `Forecast` of all customers
`CLV`                     historical, future and total value; intervals and customer equity
`at_risk`, `win_back`     whose churn would cost most; who is worth winning back

Life cycle
----------
`stages`                  exploration, formation, stable, decline, with the reason
`curve`                   value at the end of each period, its trend and direction
`decompose`               a change in value by volume, price, mix, cost and tenure
`customer_flow`           customers won, lost and won back by period
`cohorts`                 retention and money by period of the first order
results                   `Stages`, `Decomposition`, `Cohorts`

Errors and versions
-------------------
`DataError`               the data are invalid: column, rows, customers and remedy
`ConfigError`             the call is: the argument and what it takes
`FitError`                a fit has not converged: its status and an alternative
`DataWarning`             rows were excluded, or data look wrong; at your line, once per kind and call
`show_versions`           what belongs into a bug report
"""
import sys

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
from .customers.data_report import Findings
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
    LogNormalSpend,
    NormalMargin,
    ParetoNBD,
    ShiftedBetaGeometric,
)
from .models.clock import Clock
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
from .valuation.forecast_totals import Forecast
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
    "Clock",
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
    "Findings",
    "FitError",
    "Forecast",
    "Forecaster",
    "GGompertzNBD",
    "GammaGamma",
    "Grid",
    "Indicator",
    "Interval",
    "LogNormalSpend",
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


sys.modules |= {"custval.rules": rules, "custval.weights": weights}         # as in: from custval.rules import Steps


def __dir__() -> list[str]:
    """Return the public names only; none to `help`, which would print the help of every class below the map above."""
    caller = sys._getframe().f_back
    while caller is not None and caller.f_globals.get("__name__") == "inspect":
        caller = caller.f_back
    return [] if caller is not None and caller.f_globals.get("__name__") == "pydoc" else sorted(__all__)


for _name in __all__:                                          # no private module shows in help or a pickle
    if "._" in getattr(_found := globals()[_name], "__module__", ""):
        _found.__module__ = "custval"
del _name, _found
