"""Models of purchases, spend, margins and contracts, one class per file. Imports customers, evaluation."""

from .bdw import BetaDiscreteWeibull
from .bgbb import BGBB
from .bgcnbd import BGCNBD
from .bgnbd import BGNBD
from .gg import GammaGamma
from .ggnbd import GGompertzNBD
from .lognormal import LogNormalSpend
from .mbgcnbd import MBGCNBD
from .mbgnbd import MBGNBD
from .nbd import NBD
from .normal_margin import NormalMargin
from .pnbd import ParetoNBD
from .sbg import ShiftedBetaGeometric

__all__ = ["BGBB", "BGCNBD", "BGNBD", "MBGCNBD", "MBGNBD", "NBD", "BetaDiscreteWeibull", "GGompertzNBD", "GammaGamma",
           "LogNormalSpend", "NormalMargin", "ParetoNBD", "ShiftedBetaGeometric"]
