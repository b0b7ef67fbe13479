# SPDX-License-Identifier: MIT
"""pyarrow, polars, pandas and DuckDB take the lines of a real shop's tills, and agree with totals
that were computed without this library. Also runs the guide that works on them.

    columns.py STORE EXPECTED.json GUIDE.md
"""
import contextlib
import io
import json
import os
import re
import sys
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute

import inventra


def same(what, value, expected):
    if value != expected:
        sys.exit(f"{what}: {value!r}, not {expected!r}")
    print(f"{what}: {value}")


def check_columns(inv, expected):
    lines = inv.sale_lines.list()
    revenue = Decimal(expected["revenue_net"])
    # A stock correction at the till is no sale: it is a posting.
    corrected = sum(1 for _ in inv.postings.list(filter="kind = adjustment"))
    table = pyarrow.table(lines)
    same("pyarrow, lines", table.num_rows + corrected, expected["lines"])
    same("pyarrow, revenue", pyarrow.compute.sum(table["amount"]).as_py(), revenue)
    frame = polars.DataFrame(lines)
    same("polars, lines", frame.height + corrected, expected["lines"])
    same("polars, revenue", frame["amount"].sum(), revenue)
    sold = frame.filter(polars.col("kind") == "sale")["quantity"].sum()
    same("polars, units sold", sold, Decimal(expected["units_sold"]))
    frame = pandas.DataFrame.from_arrow(lines)
    same("pandas, lines", len(frame) + corrected, expected["lines"])
    same("pandas, revenue", frame["amount"].sum(), revenue)
    months = frame.groupby(frame["occurred_at"].dt.strftime("%Y-%m"))["amount"].sum()
    same("pandas, months", {m: str(v.normalize()) for m, v in months.items()},
         {m: str(Decimal(v).normalize()) for m, v in expected["revenue_by_month"].items()})
    found = duckdb.sql("SELECT count(*), sum(amount) FROM lines").fetchall()[0]
    same("DuckDB, lines", found[0] + corrected, expected["lines"])
    same("DuckDB, revenue", found[1], revenue)


def run_guide(path, folder):
    """Its snippets run one after the other, and print what the guide says below each."""
    text = open(path, encoding="utf-8").read()
    os.chdir(folder)
    space = {}
    snippet = r"```python till\n(.*?)```(?:\n+```text output\n(.*?)```)?"
    for code, said in re.findall(snippet, text, re.S):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, space)
        if said:
            same("guide", printed.getvalue().rstrip(), said.rstrip())


if __name__ == "__main__":
    store, wanted, guide = map(os.path.abspath, sys.argv[1:])
    with inventra.open(store, read_only=True) as shop:
        check_columns(shop, json.load(open(wanted, encoding="utf-8")))
    run_guide(guide, os.path.dirname(store))
