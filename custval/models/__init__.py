"""Models of purchases and of spend, one class a file."""

from .bgcnbd import BGCNBD
from .bgnbd import BGNBD
from .gg import GammaGamma
from .ggnbd import GGompertzNBD
from .mbgcnbd import MBGCNBD
from .mbgnbd import MBGNBD
from .nbd import NBD
from .normal_margin import NormalMargin
from .pnbd import ParetoNBD

__all__ = ["BGCNBD", "BGNBD", "MBGCNBD", "MBGNBD", "NBD", "GGompertzNBD", "GammaGamma", "NormalMargin", "ParetoNBD"]
