# SPDX-License-Identifier: MIT
"""inventra on PostgreSQL: with this installed, inventra.open("postgresql://…") works."""
from ._driver import driver

__all__ = ["driver"]
