"""Models of purchases and of spend, one class a file."""

from .bgnbd import BGNBD
from .gg import GammaGamma
from .mbgnbd import MBGNBD

__all__ = ["BGNBD", "MBGNBD", "GammaGamma"]
