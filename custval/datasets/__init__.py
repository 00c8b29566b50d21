"""Data that ship with custval and load offline: `cdnow`, `donations`, `contracts` of the papers, a simulated `crm`."""
from ._cdnow import cdnow
from ._crm import crm
from ._published import contracts, donations

__all__ = ["cdnow", "contracts", "crm", "donations"]

for _load in (cdnow, contracts, crm, donations):
    _load.__module__ = "custval.datasets"
del _load
