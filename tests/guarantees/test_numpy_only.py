"""P2: works with NumPy 1.26 and newer, and needs no frame library: arrays in, arrays out."""
BLOCK = "import sys\nfor name in 'pandas polars pyarrow narwhals duckdb scipy'.split(): sys.modules[name] = None\n"
JOB = """
import numpy as np
import custval as cv
orders = cv.datasets.cdnow(as_frame=dict)
base = cv.CustomerBase(orders, customer="customer", time="date", amount="amount")
summary = base.summary(unit="W")
assert isinstance(summary["x"], np.ndarray) and len(summary["x"]) == 2357
model = cv.BGNBD(unit="W").fit(base)
assert 0 <= model.p_alive(summary["x"], summary["t_x"], summary["T"]).min()
tiers = cv.pyramid(summary["amount"], tiers={"top": .2, "rest": .8})
print(repr(base), model.status_)
"""


def test_the_main_job_without_a_frame_library(fresh):
    assert fresh(BLOCK + JOB).split()[-1] == "converged"
