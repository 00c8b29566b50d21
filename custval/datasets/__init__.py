"""Data that ship with custval and load offline: `cdnow`, from the papers, and `crm`, a simulated firm."""

from ._cdnow import cdnow
from ._crm import crm

__all__ = ["cdnow", "crm"]
