"""``python -m custval`` is ``custval``."""
import sys

from .cli import main

sys.exit(main())
