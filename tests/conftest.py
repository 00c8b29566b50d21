"""What several tests need."""
import os
import sys

import pytest


@pytest.fixture
def environment():
    """The environment of a fresh Python process that finds the same custval and the tests' helpers."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
