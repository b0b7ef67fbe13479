# SPDX-License-Identifier: MIT
"""inventra on PostgreSQL: with this installed, inventra.open("postgresql://…") works."""
try:
    from ._driver import driver
except ImportError as error:
    raise ImportError(f"{error}; inventra_postgres needs PostgreSQL's client library, libpq 14 or "
                      "newer, on the machine (Debian: apt install libpq5)") from error

__all__ = ["driver"]
