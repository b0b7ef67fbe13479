# SPDX-License-Identifier: MIT
"""postgres_sale.py URL: the installed packages sell something on a PostgreSQL server."""
import sys

import inventra

with inventra.open(sys.argv[1], actor="anna") as inv:
    inv.products.create(sku="TEA-100", name="Tea")
    inv.stock.receive(lines=[{"product": "TEA-100", "quantity": 10}])
    sale = inv.sales.close(lines=[{"product": "TEA-100", "quantity": 2, "unit_price": "2.55"}])
    assert str(sale.total) == "5.1", sale
    assert inv.balances.get("TEA-100").on_hand == 8
    assert inv.info().driver == "postgresql", inv.info()
    assert inv.verify().ok
