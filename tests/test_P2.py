"""P2: works with NumPy 1.26 and newer, and needs no frame library."""
BLOCK = "import sys\nfor name in 'pandas polars pyarrow narwhals duckdb scipy'.split(): sys.modules[name] = None\n"


def test_import_and_a_kernel_without_frame_libraries(fresh):
    fresh(BLOCK + "import custval\nfrom custval import _core\nassert _core.bgnbd_p_alive(0, 0, 1, 1, 1, 1, 1) == 1")
