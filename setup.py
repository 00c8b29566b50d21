"""What cannot be static: NumPy's include path, the stable ABI switch, the flags of the C compiler."""
import glob
import os
import sysconfig

import numpy
from setuptools import Extension, setup

abi3 = not sysconfig.get_config_var("Py_GIL_DISABLED")
macros = [("NPY_TARGET_VERSION", "NPY_1_25_API_VERSION"), ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")]
flags = ["-std=c11", "-O3", "-fno-math-errno", "-ffp-contract=off", "-fvisibility=hidden"]

setup(
    ext_modules=[Extension(
        "custval._core",
        sources=sorted(glob.glob("src/**/*.c", recursive=True)),
        depends=sorted(glob.glob("src/**/*.h", recursive=True)),
        include_dirs=["src/core", numpy.get_include()],
        define_macros=macros + ([("Py_LIMITED_API", "0x030B0000")] if abi3 else []),
        extra_compile_args=flags if os.name == "posix" else [],
        libraries=["m"] if os.name == "posix" else [],     # exp and log keep the symbol versions that the wheel needs
        py_limited_api=abi3,
    )],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if abi3 else {},
)
