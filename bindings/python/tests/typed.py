# SPDX-License-Identifier: MIT
"""What type checkers must understand; checked by mypy --strict and pyright, never run."""
import datetime
from decimal import Decimal
from typing import assert_type

import inventra
from inventra import aio

with inventra.open("shop.db", actor="anna") as inv:
    tea = inv.products.create(sku="TEA-100", name="Tea", list_price=Decimal("2.55"),
                              tracking="lot")
    assert_type(tea, inventra.Product)
    assert_type(tea.list_price, Decimal)
    assert_type(tea.tracking, inventra.Tracking)
    assert_type(tea.created_at, datetime.datetime | None)
    assert_type(inv.products.create([{"sku": "A", "name": "B"}]), inventra.Result[inventra.Product])
    assert_type(inv.products.get("A"), inventra.Product)
    assert_type(inv.products.get(["A", "B"])[0], inventra.Product)
    for product in inv.products.list(sort="-sku"):
        assert_type(product, inventra.Product)
    sale = inv.sales.close(lines=[{"product": tea, "quantity": 2}], tenders=[{"method": "cash"}])
    assert_type(sale.lines[0].amount, Decimal)
    inv.balances.get(tea, as_of=datetime.datetime.now(datetime.timezone.utc))
    for event in inv.feed(after=0):
        assert_type(event.name, str)
    assert_type(inv.verify(progress=lambda done, total: None).state_hash, str)
    assert_type(inv.info(), inventra.StoreInfo)
    assert_type(inv.info().file_bytes, int)
    assert_type(inv.copy("other.db", readers=2, create=False), inventra.CopyReport)
    assert_type(inv.import_csv("product.create", "in.csv", skip=True).failed, int)
    with inv.session(actor="ben", till=tea) as own:
        assert_type(own, inventra.Inventory)


async def work() -> None:
    async with await aio.open("shop.db") as shop:
        assert_type(await shop.products.get("A"), inventra.Product)
        async for one in shop.products.list():
            assert_type(one, inventra.Product)
        async with shop.transaction():
            assert_type(await shop.verify(), inventra.VerifyReport)
            assert_type(await shop.copy("other.db", writers=3), inventra.CopyReport)
            await shop.stock.receive(lines=[inventra.StockLine(product="A", quantity=1)])
