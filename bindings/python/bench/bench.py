# SPDX-License-Identifier: MIT
"""What calls cost from Python against the same calls from C, and a list against sqlite3.

    bench.py CALLS [ROUNDS]    CALLS is the program of bindings/bench/calls.c

Each figure is the best of some rounds in which both take turns: other work disturbs either alike.
"""
import gc
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

import inventra

CALLS = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
READS, SALES, RECORDS = 20_000, 300, 100_000


def c_side(path, what, count):
    return float(subprocess.check_output([CALLS, path, what, str(count)])) / 1000


def timed(work, count, clock=time.process_time_ns):
    gc.disable()
    begin = clock()
    work()
    taken = (clock() - begin) / count / 1000
    gc.enable()
    return taken


def best(*sides):
    """The least of each side, in microseconds a call."""
    rounds = [[side() for side in sides] for _ in range(ROUNDS)]
    return [min(column) for column in zip(*rounds)]


def tell(what, ours, floor, wanted, ratio):
    print(f"{what}: {ours:.2f} us against {floor:.2f} us, ratio {ratio:.2f} ({wanted})")


def alone(path, work, count, clock=time.process_time_ns):
    """The store is open for this side only: who shares a file reads more slowly."""
    with inventra.open(path) as inv:
        inv.products.get("TEA")
        return timed(lambda: work(inv), count, clock)


def balances(path):
    def empty(inv):
        handle = inv._handle
        for _ in range(READS):
            handle.closed

    def read(inv):
        tea, get = str(inv.products.get("TEA").id), inv.balances.get
        for _ in range(READS):
            get(tea)

    ours, none, floor = best(lambda: alone(path, read, READS), lambda: alone(path, empty, READS),
                             lambda: c_side(path, "balance", READS))
    tell("balance read", ours, floor + none, "at most 2", ours / (floor + none))


def sales(path):
    lines = [{"product": "TEA", "quantity": 1, "unit_price": 2} for _ in range(5)]

    def sell(inv):
        for _ in range(SALES):
            inv.sales.close(lines=lines)

    ours, floor = best(lambda: alone(path, sell, SALES, time.perf_counter_ns),
                       lambda: c_side(path, "sale", SALES))
    tell("sale of 5 lines", ours, floor, "at least 0.7", floor / ours)


def lists(path):
    with inventra.open(path) as inv:
        for i in range(0, RECORDS, 10_000):
            inv.products.create({"sku": f"P{n:06}", "name": f"Product {n}", "list_price": "2.5"}
                                for n in range(i, i + 10_000))

    def walk(inv):
        for product in inv.products.list():
            product.sku, product.list_price

    names = ", ".join(n for n in inventra.Product._fields
                      if not n.endswith("_code") and n not in ("options", "barcodes"))

    def rows():
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            after = ""
            while page := db.execute(f"SELECT {names} FROM product WHERE lower(sku) > ? ORDER BY "
                                     "lower(sku) LIMIT 1000", (after,)).fetchall():
                for row in page:
                    row[1], row[-1]
                after = page[-1][1].lower()

    ours, floor, c = best(lambda: alone(path, walk, RECORDS), lambda: timed(rows, RECORDS),
                          lambda: c_side(path, "list", RECORDS))
    tell("record listed", ours, floor, "at most 2", ours / floor)
    print(f"  (of which C {c:.2f} us)")


def main():
    import warnings
    warnings.simplefilter("ignore", RuntimeWarning)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.db")
        with inventra.open(path) as inv:
            inv.products.create(sku="TEA", name="Tea")
            inv.stock.receive(lines=[{"product": "TEA", "quantity": 10_000_000}])
        balances(path)
        sales(path)
        lists(path)


main()
