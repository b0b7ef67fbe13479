# SPDX-License-Identifier: MIT
"""python -m inventra: the command line, as `inventra --help` tells."""
import sys

from . import _core

if __name__ == "__main__":
    sys.exit(_core.main(["inventra", *sys.argv[1:]]))
