"""Data that ship with custval: `cdnow`, `donations`, `contracts`, and a simulated `crm`. Imports customers."""
from ._cdnow import cdnow
from ._crm import Firm, crm
from ._published import contracts, donations

__all__ = ["Firm", "cdnow", "contracts", "crm", "donations"]



def __dir__() -> list[str]:
    """Return the public names only."""
    return __all__


for _name in __all__:                                          # no private module shows in help or a pickle
    globals()[_name].__module__ = "custval.datasets"
del _name
