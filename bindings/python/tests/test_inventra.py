# SPDX-License-Identifier: MIT
"""The Python package: values there and back, wrong input, threads, closing in any order, memory."""
import asyncio
import copy
import datetime
import functools
import gc
import inspect
import os
import pathlib
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
import uuid
import warnings
from decimal import Decimal

import inventra
import inventra.aio

CALLS = 1_000_000 if os.environ.get("INV_TEST_LONG") else 100_000


class Shop(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / "shop.db")
        self.inv = inventra.open(self.path, actor="anna")
        self.addCleanup(self.inv.close)

    def tea(self, **more):
        return self.inv.products.create(sku="TEA-100", name="Tea", **more)

    def refused(self, kind, field, message, call, *args, **kwargs):
        with self.assertRaises(kind) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.field, field)
        self.assertIn(message, raised.exception.message)
        return raised.exception


class Values(Shop):
    def test_there_and_back(self):
        made = self.tea(list_price=Decimal("2.55"), tags=["a", "b"], attributes={"x": [1, "é"]},
                        tracking=inventra.Tracking.LOT, decimals=2)
        tea = self.inv.products.get("TEA-100")
        self.assertEqual(tea, made)
        self.assertEqual(hash(tea), hash(made))
        self.assertEqual(tea.list_price, Decimal("2.55"))
        self.assertEqual(tea.tags, ("a", "b"))
        self.assertEqual(tea.attributes, {"x": [1, "é"]})
        self.assertIs(tea.tracking, inventra.Tracking.LOT)
        self.assertEqual(tea.tracking, "lot")
        self.assertIsInstance(tea.id, uuid.UUID)
        self.assertIsNone(tea.category)
        self.assertEqual(tea.created_at.utcoffset(), datetime.timedelta(0))
        self.assertFalse(tea.archived)
        self.assertIn("sku='TEA-100'", repr(tea))
        self.assertEqual(tea.to_dict()["tracking"], "lot")

    def test_records_are_frozen(self):
        tea = self.tea()
        with self.assertRaises(AttributeError):
            tea.name = "Coffee"
        with self.assertRaises(AttributeError):
            tea.colour = "green"

    def test_records_are_copied_but_not_pickled(self):
        sale = self.inv.stock.receive(lines=[{"product": self.tea(), "quantity": 1}])
        for made in (copy.copy(sale), copy.deepcopy(sale), copy.deepcopy([sale])[0]):
            self.assertEqual(made, sale)
            self.assertEqual(made.lines[0].quantity, 1)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with self.assertRaisesRegex(TypeError, "to_dict"):
                pickle.dumps(sale, protocol)
        self.assertEqual(pickle.loads(pickle.dumps(sale.to_dict())), sale.to_dict())
        many = self.inv.products.create([{"sku": "X", "name": "x"}])
        for what in (many, self.inv.products.list(), self.inv, self.inv.products):
            with self.assertRaises(TypeError):
                pickle.dumps(what)
            with self.assertRaises(TypeError):
                copy.deepcopy(what)

    def test_ways_to_give_a_record(self):
        self.inv.products.create({"sku": "A", "name": "A"})
        self.inv.products.create(inventra.Product(sku="B", name="B", list_price=1))
        many = self.inv.products.create([{"sku": "C", "name": "C"},
                                         inventra.Product(sku="D", name="D")])
        self.assertEqual([p.sku for p in many], ["C", "D"])
        self.assertEqual(many[-1].sku, "D")
        self.assertEqual(len(self.inv.products.get(["A", many[0].id, {"ref": "D"}])), 3)
        changed = self.inv.products.update([{"sku": "A", "tags": ["x"]},
                                            {"sku": "B", "list_price": None}])
        self.assertEqual(changed[0].tags, ("x",))
        self.assertEqual(changed[1].list_price, 0)
        self.assertEqual(self.inv.products.get(many[1]).sku, "D")

    def test_lists_read_page_by_page(self):
        self.inv.products.create({"sku": f"P{i:04}", "name": "x"} for i in range(2500))
        listing = self.inv.products.list()
        self.assertEqual([p.sku for p in listing][-1], "P2499")
        self.assertEqual(sum(1 for _ in listing), 2500)
        self.assertEqual([len(page) for page in listing.pages()], [1000, 1000, 500])
        self.assertEqual([len(page) for page in self.inv.products.list(limit=900).pages()],
                         [900, 900, 700])
        self.assertEqual(listing.first().sku, "P0000")
        self.assertIsNone(self.inv.products.list(filter='sku = "NO"').first())

    def test_keys_and_codes(self):
        self.inv.categories.create(code="C", name="C")
        once = self.tea(category="C", key="k-1")
        again = self.tea(category="C", key="k-1")
        self.assertEqual(once, again)
        self.assertEqual(self.inv.products.get("TEA-100", codes=True).category_code, "C")
        self.assertEqual(self.inv.products.create([{"sku": "X", "name": "x"}], key="k-2").replayed,
                         False)
        self.assertTrue(self.inv.products.create([{"sku": "X", "name": "x"}], key="k-2").replayed)
        with self.assertRaises(inventra.KeyReusedError):
            self.tea(key="k-1")

    def test_everything_is_described(self):
        for plural, cls in inventra._described.nouns.items():
            noun = getattr(self.inv, plural)
            for name, method in vars(cls).items():
                if name.startswith("_") or name == "noun":
                    continue
                self.assertTrue(inspect.getdoc(method), name)
                self.assertTrue(callable(getattr(noun, name)))
                self.assertIn("key", inspect.signature(getattr(cls, name)).parameters)
        for name in inventra._described.__all__:
            self.assertTrue(hasattr(inventra, name), name)


class WrongInput(Shop):
    def test_types_names_and_time_zones(self):
        create, close = self.inv.products.create, self.inv.sales.close
        wrong = inventra.ArgumentError
        self.refused(wrong, "list_price", 'Decimal("2.55")', create, sku="A", name="A",
                     list_price=2.55)
        self.refused(wrong, "list_price", "Decimal", create, sku="A", name="A", list_price=True)
        self.refused(wrong, "name", "a str, not 7", create, sku="A", name=7)
        self.refused(wrong, "decimals", "an int", create, sku="A", name="A", decimals=1.0)
        self.refused(wrong, "nam", "did you mean `name`", create, sku="A", nam="A")
        self.refused(wrong, "tags", "a list of str", create, sku="A", name="A", tags="red")
        self.refused(wrong, "lines[0].quantity", "Decimal", close, lines=[{"quantity": 1.5}])
        self.refused(wrong, "lines[0].quantiy", "did you mean `quantity`", close,
                     lines=[{"quantiy": 1}])
        self.refused(wrong, "occurred_at", "time zone", close, lines=[],
                     occurred_at=datetime.datetime(2024, 1, 1))
        self.refused(wrong, "occurred_at", "aware datetime", close, occurred_at=7)
        self.refused(inventra.ValidationError, "occurred_at", "stands for none", close, lines=[],
                     occurred_at=datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc))
        self.refused(inventra.ValidationError, "tracking", "one of", create, sku="A", name="A",
                     tracking="seral")
        self.refused(inventra.ValidationError, "version", "whole number", create, sku="A",
                     name="A", version="x")
        self.refused(inventra.ValidationError, "created_at", "set by the engine", create, sku="A",
                     name="A", created_at=datetime.datetime.now(datetime.timezone.utc))
        with self.assertRaises(TypeError):
            create(sku="A", name=7)
        with self.assertRaises(ValueError):
            create(sku="A", name="")
        with self.assertRaises(TypeError):
            create(3)
        with self.assertRaises(TypeError):
            create([{"sku": "A", "name": "A"}], name="B")
        with self.assertRaises(TypeError):
            create("A", "B")
        with self.assertRaises(inventra.LimitError):
            create([])

    def test_arguments_are_named(self):
        wrong, create = inventra.ArgumentError, self.inv.products.create
        self.refused(wrong, "key", "a str", create, sku="A", name="A", key=7)
        self.refused(wrong, "key", "surrogates", create, sku="A", name="A", key="\ud800")
        self.refused(wrong, "name", "surrogates", create, sku="A", name="\ud800")
        self.refused(wrong, "tags", "surrogates", create, sku="A", name="A", tags=["\ud800"])
        self.refused(wrong, "product", "str", create, {"sku": "A", 1: "A"})
        self.refused(wrong, "product", "str", create, **{"sku": "A", "\ud800": "A"})
        with self.assertRaises(TypeError):
            create(**{1: "A"})
        self.refused(wrong, "list_price", "None", create, sku="A", name="A", list_price="")
        memory = ":memory:"
        self.refused(wrong, "actor", "a str, not 1", inventra.open, memory, actor=1)
        self.refused(wrong, "till", "a UUID, str, or a record", self.inv.session, till=7)
        self.refused(wrong, "readers", "an int", inventra.open, memory, readers="2")
        self.refused(inventra.ValidationError, "readers", "0 to 2147483647", inventra.open, memory,
                     readers=-1)
        self.refused(wrong, "create", "True or False", inventra.open, memory, create=0)
        self.refused(inventra.ValidationError, "source", "zero bytes", inventra.open, memory,
                     source="a\0b")
        self.refused(wrong, "reedonly", "did you mean `read_only`?", inventra.open, memory,
                     reedonly=True)
        self.refused(wrong, "colour", "unknown option `colour`", inventra.open, memory, colour=7)
        self.refused(wrong, "actr", "did you mean `actor`?", self.inv.session, actr="a")
        self.refused(wrong, "skipp", "did you mean `skip`?", self.inv.import_csv, "product.create",
                     "in.csv", skipp=True)
        self.inv.session(till=None, actor="ben").close()  # None is the default, as of fields
        self.refused(wrong, "actor", "surrogates", self.inv.session, actor="\ud800")
        self.refused(wrong, "url", "os.fsdecode", inventra.open, b":memory:")
        self.refused(wrong, "url", "surrogates", inventra.open, "\ud800")
        self.refused(wrong, "drivers", "inventra_driver, not 1", inventra.open, memory,
                     drivers=[1])
        self.refused(wrong, "path", "not None", self.inv.products.list().export_csv, None)
        self.refused(wrong, "path", "os.fsdecode", self.inv.backup, b"copy.db")
        self.refused(wrong, "operation", "a str", self.inv.import_csv, None, "in.csv")

    def test_given_twice_or_too_often(self):
        self.tea()
        with self.assertRaisesRegex(TypeError, "twice"):
            self.inv.products.get("TEA-100", ref="B")
        with self.assertRaisesRegex(TypeError, "one record"):
            self.inv.products.list([{"limit": 1}, {"limit": 2}])
        self.assertEqual(self.inv.products.list({"limit": 1}).first().sku, "TEA-100")

    def test_a_value_that_empties_what_it_stands_in(self):
        seen = []

        class Emptying:
            def __init__(self, *all_of):
                self.all_of = all_of

            def __repr__(self):
                seen.append("used")
                return "Emptying"

            def __del__(self):
                seen.append("gone")

            @property
            def __class__(self):
                for held in self.all_of:
                    held.clear()
                return object

        def given(**more):
            fields = {"sku": "".join(["A", "B"]), **more}
            fields["list_price"] = Emptying(fields)
            fields["name"] = "".join(["N", "ame"])
            return fields

        create = self.inv.products.create
        self.refused(inventra.ArgumentError, "list_price", "Decimal", create, given())
        self.refused(inventra.ArgumentError, "list_price", "Decimal", create, [given()])
        self.refused(inventra.ArgumentError, "list_price", "Decimal",
                     lambda: inventra.Product(**given()))
        bound = functools.partial(create)
        bound.keywords.update(sku="A", key="".join(["k", "1"]), list_price=Emptying(bound.keywords),
                              name="x")
        self.refused(inventra.ArgumentError, "list_price", "Decimal", bound)
        lines = [{"product": "A", "quantity": 1}]
        lines[0]["unit_price"] = Emptying(lines[0], lines)
        lines.append({"product": "".join(["B", "C"])})
        self.refused(inventra.ArgumentError, "lines[0].unit_price", "Decimal",
                     self.inv.sales.close, lines=lines)
        self.assertEqual(seen, 5 * ["used", "gone"])

    def test_what_only_the_library_makes(self):
        """Answers, lists and what belongs to a store have no constructor."""
        core = inventra._core
        for cls in (inventra.Result, inventra.Record, core.Record, core.Result, core.Noun,
                    core.Handle, core.Query, core._Pages, inventra._described.ProductsNoun):
            with self.assertRaises(TypeError, msg=cls):
                cls()
        for cls in (inventra.Product, inventra.Result, inventra._described.ProductsNoun):
            with self.assertRaises(TypeError, msg=cls):
                object.__new__(cls)
        with self.assertRaises(TypeError):
            core._record(10 ** 6, {})

    def test_errors_tell_which_record(self):
        error = self.refused(inventra.ValidationError, "name", "missing",
                             self.inv.products.create, [{"sku": "A", "name": "A"}, {"sku": "B"}])
        self.assertEqual((error.index, error.code, error.record), (1, "INVALID", "product"))
        self.assertEqual(error.details[0][:2], ("INVALID", "name"))
        error = self.refused(inventra.NotFoundError, "ref", "NO", self.inv.products.get, "NO")
        self.assertFalse(error.retryable)
        self.assertTrue(issubclass(inventra.BusyError, inventra.Error))
        self.assertTrue(inventra.BusyError.retryable)

    def test_use_after_close(self):
        tea = self.tea()
        listing = self.inv.products.list()
        walk = iter(listing)
        next(walk)
        products = self.inv.products
        self.inv.close()
        self.inv.close()
        self.assertTrue(self.inv.closed)
        self.assertEqual(tea.name, "Tea")
        for call in (lambda: products.get("TEA-100"), lambda: list(listing), self.inv.verify,
                     lambda: self.inv.session(actor="x")):
            with self.assertRaises(inventra.MisuseError):
                call()

    def test_another_place(self):
        with self.assertRaises(inventra.NotFoundError):
            inventra.open(self.path, location="nowhere")
        with self.assertRaises(inventra.NotFoundError):
            inventra.open(str(self.folder / "none.db"), create=False)
        with self.assertRaises(inventra.UnsupportedError):
            inventra.open("nosuch://server/shop")
        with self.assertRaises(TypeError):
            inventra.open(7)

    def test_pythons_own_sqlite(self):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            sqlite3.connect(str(self.folder / "other.db")).close()
            self.assertEqual(seen, [])
            sqlite3.connect(self.path).close()
            uri = f"{pathlib.Path(self.path).as_uri()}?mode=ro"
            sqlite3.connect(uri, uri=True).close()
        self.assertEqual([w.category for w in seen], [RuntimeWarning] * 2)
        self.assertIn("as a store", str(seen[0].message))

    def test_sqlite_that_was_there_first(self):
        self.inv.close()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            sqlite3.connect(self.path).close()  # the store is closed
            with inventra.open(self.path):
                pass
            other = str(self.folder / "first.db")
            inventra.open(str(self.folder / "made.db")).close()
            shutil.copy(self.folder / "made.db", other)
            own = sqlite3.connect(other)
            own.execute("SELECT 1 FROM sqlite_master").fetchall()
            self.assertEqual(seen, [])
            with inventra.open(other):
                pass
            own.close()
        self.assertEqual([w.category for w in seen], [RuntimeWarning])
        self.assertIn("already", str(seen[0].message))
        self.assertEqual(seen[0].filename, __file__)

    def test_a_folder_that_is_not_there(self):
        folder = self.folder / "no" / "such"
        with self.assertRaisesRegex(inventra.NotFoundError, f"the folder {folder.parent} is not"):
            inventra.open(folder / "shop.db")

    def test_which_package_has_the_driver(self):
        with unittest.mock.patch("importlib.metadata.entry_points", lambda **_: []):
            with self.assertRaises(inventra.UnsupportedError) as raised:
                inventra.open("postgresql://server/shop")
        self.assertIn("pip install inventra[postgres]", str(raised.exception))


class Work(Shop):
    def test_transactions(self):
        with self.assertRaises(ZeroDivisionError):
            with self.inv.transaction():
                self.tea()
                1 / 0
        self.assertIsNone(self.inv.products.list().first())
        with self.inv.transaction() as inside:
            self.tea()
            self.assertEqual(inside.products.get("TEA-100").name, "Tea")
            with self.assertRaises(inventra.StateError):
                with self.inv.transaction():
                    pass
            with self.assertRaises(inventra.ExistsError):
                self.tea()
        self.assertEqual(self.inv.products.list().first().name, "Tea")

    def test_a_transaction_that_takes_too_long(self):
        def late(kind, call):
            with self.assertRaises(kind):
                with self.inv.transaction():
                    self.tea()
                    time.sleep(2.1)
                    call()
            self.assertIsNone(self.inv.products.list(filter='sku = "TEA-100"').first())

        def told():
            with self.assertRaises(inventra.TimeoutError):
                self.inv.products.create(sku="B", name="B")

        late(inventra.TimeoutError, lambda: None)
        late(inventra.TimeoutError, lambda: self.inv.products.create(sku="B", name="B"))
        late(inventra.TimeoutError, told)
        late(ZeroDivisionError, lambda: 1 / 0)
        with self.inv.transaction():
            self.tea()
        self.assertEqual(self.inv.products.get("TEA-100").name, "Tea")

    def test_a_transaction_is_its_threads(self):
        """Another thread's command waits for its turn, and is no part of it."""
        with self.assertRaises(ZeroDivisionError):
            with self.inv.transaction():
                self.tea()
                other = threading.Thread(target=self.inv.products.create,
                                         kwargs={"sku": "B", "name": "B"})
                other.start()
                time.sleep(0.05)
                1 / 0
        other.join()
        self.assertEqual([p.sku for p in self.inv.products.list()], ["B"])

    def test_progress(self):
        self.tea()
        seen = []
        found = self.inv.verify(progress=lambda done, total: seen.append((done, total)))
        self.assertEqual(found.events, found.position)
        self.assertTrue(seen)
        self.assertEqual(found.state_hash, self.inv.state_hash())
        self.inv.rebuild()
        self.inv.backup(self.folder / "copy.db")
        with inventra.open(self.folder / "copy.db") as other:
            self.assertEqual(other.state_hash(), found.state_hash)
            self.assertEqual(other.info().id, self.inv.info().id)
        with self.assertRaises(inventra.CancelledError):
            self.inv.verify(progress=lambda done, total: False)
        with self.assertRaises(ZeroDivisionError):
            self.inv.rebuild(progress=lambda done, total: 1 // 0)
        with self.assertRaises(TypeError):
            self.inv.verify(progress=7)
        self.assertEqual(self.inv.products.get("TEA-100").name, "Tea")

    def test_csv(self):
        self.tea(list_price="2.55")
        self.inv.products.list().export_csv(self.folder / "out.csv")
        with self.assertRaises(inventra.ExistsError):
            self.inv.products.list().export_csv(self.folder / "out.csv")
        (self.folder / "in.csv").write_text("sku,name\nA,a\n,b\nC,c\n")
        bad = []
        report = self.inv.import_csv("product.create", self.folder / "in.csv", skip=True,
                                     report=lambda line, error: bad.append((line, error.field)))
        self.assertEqual((report.rows, report.done, report.failed), (3, 2, 1))
        self.assertEqual(bad, [(3, "sku")])
        with self.assertRaises(inventra.ExistsError):
            self.inv.import_csv("product.create", self.folder / "in.csv")
        with self.assertRaises(inventra.MisuseError):
            self.inv.import_csv("no.such", self.folder / "in.csv")
        with self.assertRaises(ZeroDivisionError):
            self.inv.import_csv("product.create", self.folder / "in.csv", skip=True,
                                report=lambda line, error: 1 // 0)

    def test_copies(self):
        self.tea()
        seen = []
        done = self.inv.copy(self.folder / "there.db", progress=lambda now, total: seen.append(now))
        self.assertTrue(seen)
        self.assertEqual(done.state_hash, self.inv.state_hash())
        self.assertEqual(done.position, self.inv.info().position)
        with self.assertRaises(inventra.NotFoundError):
            self.inv.copy(self.folder / "none.db", create=False)
        self.refused(inventra.ArgumentError, "reders", "did you mean `readers`?", self.inv.copy,
                     "x.db", reders=2)

    def test_what_options_are_is_told(self):
        for function, name in ((inventra.open, "busy_timeout_ms"), (inventra.open, "actor"),
                               (self.inv.session, "till"), (self.inv.import_csv, "slice_ms"),
                               (self.inv.copy, "writers")):
            self.assertIn(f"    {name}: ", inspect.getdoc(function))

    def test_sessions(self):
        with self.inv.session(actor="ben", request_id="r-1") as other:
            other.products.create(sku="A", name="A")
            event = [e for e in other.feed.read() if e.name == "product.created"][0]
        self.assertEqual((event.actor, event.request_id), ("ben", "r-1"))
        other = self.inv.session(actor="carl")
        self.inv.close()
        self.assertEqual(other.products.get("A").name, "A")
        other.close()

    def test_the_feed_goes_on(self):
        seen = []

        def watch():
            for event in self.inv.feed(after=0):
                seen.append(event.name)
                if event.name == "product.created":
                    return

        thread = threading.Thread(target=watch)
        thread.start()
        time.sleep(0.05)
        self.tea()
        thread.join(20)
        self.assertFalse(thread.is_alive())
        self.assertEqual(seen[-1], "product.created")

    def test_closing_ends_the_feed(self):
        self.tea()
        raised = []
        there = threading.Event()

        def watch():
            try:
                for _ in self.inv.feed(after=0):
                    there.set()
            except inventra.Error as error:
                raised.append(type(error))

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        self.assertTrue(there.wait(20))
        time.sleep(0.2)
        self.inv.close()
        thread.join(20)
        self.assertFalse(thread.is_alive())
        self.assertIn(raised, ([inventra.CancelledError], [inventra.MisuseError]))

    def test_the_process_ends_under_the_feed(self):
        """A daemon thread that waits keeps no process alive, with asyncio as without."""
        sync = "def watch():\n    for event in inv.feed(after=10 ** 9): pass\n"
        awaited = ("async def walk():\n"
                   "    async with await inventra.aio.open(path) as own:\n"
                   "        async for event in own.feed(after=10 ** 9): pass\n"
                   "def watch(): asyncio.run(walk())\n")
        for watch in sync, awaited:
            code = ("import asyncio, inventra, inventra.aio, threading, time\n"
                    f"path = {self.path!r}\n"
                    f"inv = inventra.open(path)\n{watch}"
                    "threading.Thread(target=watch, daemon=True).start()\n"
                    "time.sleep(0.5)\n")
            subprocess.run([sys.executable, "-c", code], timeout=60, check=True)

    def test_command_line(self):
        self.tea()
        found = subprocess.run([sys.executable, "-m", "inventra", "--store", self.path, "--json",
                                "products", "get", "TEA-100"], capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertIn('"sku":"TEA-100"', found.stdout)
        found = subprocess.run([sys.executable, "-m", "inventra", "nonsense"], capture_output=True)
        self.assertEqual(found.returncode, 2)

    def test_ctrl_c_ends_a_wait(self):
        code = ("import inventra, sys\n"
                f"inv = inventra.open({self.path!r})\n"
                "print('ready', flush=True)\n"
                "try:\n"
                "    for event in inv.feed(after=10 ** 9): pass\n"
                "except KeyboardInterrupt:\n"
                "    inv.close(); sys.exit(7)\n")
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            time.sleep(0.3)
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(20), 7)

    def test_fork(self):
        self.tea()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                self.inv.products.get("TEA-100")
            except inventra.MisuseError as error:
                code = 0 if "fork" in error.message else 2
            self.inv.close()
            with inventra.open(self.path) as own:
                code = code or own.products.get("TEA-100").name != "Tea"
            os._exit(code)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(self.inv.products.get("TEA-100").name, "Tea")


class Threads(Shop):
    def test_long_work_on_a_store_in_memory(self):
        """Who has the store for itself calls back; the others wait without the GIL."""
        with inventra.open(":memory:") as inv:
            inv.products.create([{"sku": f"P{i}", "name": "x"} for i in range(3000)])
            begun = threading.Event()
            failures = []

            def work():
                try:
                    for i in range(10):
                        inv.products.get("P1")
                        with inv.session(actor="ben") as own:
                            own.products.create(sku=str(uuid.uuid4()), name="x")
                        list(inv.products.list(limit=10))
                except BaseException as error:
                    failures.append(error)

            threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]

            def step(done, total):
                if not begun.is_set():
                    begun.set()
                    for thread in threads:
                        thread.start()
                time.sleep(0.001)

            inv.rebuild(progress=step)
            for thread in threads:
                thread.join(60)
            self.assertFalse(any(thread.is_alive() for thread in threads))
            self.assertEqual(failures, [])

    def test_no_call_from_a_callback_of_the_same_store(self):
        for url in ":memory:", self.path:
            with inventra.open(url) as inv:
                inv.products.create(sku=str(uuid.uuid4()), name="x")
                for call in (lambda *_: inv.products.create(sku="B", name="B"),
                             lambda *_: inv.products.list().first(),
                             lambda *_: inv.session(actor="ben"), lambda *_: inv.verify()):
                    with self.assertRaisesRegex(inventra.MisuseError, "callback"):
                        inv.verify(progress=call)
                with inventra.open(":memory:") as other:
                    inv.verify(progress=lambda *_: other.products.list().first() and None)
                inv.products.create(sku=str(uuid.uuid4()), name="x")

    def test_closing_while_sessions_are_opened(self):
        for _ in range(30):
            inv = inventra.open(":memory:")
            failures = []
            start = threading.Barrier(5)

            def work():
                start.wait()
                try:
                    for _ in range(20):
                        with inv.session(actor="ben") as own:
                            own.products.list().first()
                except inventra.MisuseError:
                    pass
                except BaseException as error:
                    failures.append(error)

            threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
            for thread in threads:
                thread.start()
            start.wait()
            inv.close()
            for thread in threads:
                thread.join(60)
            self.assertFalse(any(thread.is_alive() for thread in threads))
            self.assertEqual(failures, [])

    def test_many_share_a_store(self):
        self.tea()
        self.inv.stock.receive(lines=[{"product": "TEA-100", "quantity": 1000}])
        failures = []

        def work():
            try:
                for _ in range(40):
                    self.inv.sales.close(lines=[{"product": "TEA-100", "quantity": 1}])
                    self.inv.balances.get("TEA-100")
                    self.assertEqual(self.inv.products.list().first().sku, "TEA-100")
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.inv.balances.get("TEA-100").on_hand, 1000 - 8 * 40)
        self.assertEqual(self.inv.verify().position, self.inv.info().position)

    def test_closing_under_calls(self):
        """Whatever thread comes too late gets an exception; nothing crashes."""
        stop = threading.Event()
        failures = []

        def work():
            while not stop.is_set():
                try:
                    list(self.inv.products.list())
                    self.inv.products.create(sku=str(uuid.uuid4()), name="x")
                except inventra.MisuseError:
                    return
                except BaseException as error:
                    failures.append(error)
                    return

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        self.inv.close()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_any_order_of_dropping(self):
        inv = inventra.open(str(self.folder / "b.db"))
        inv.products.create([{"sku": f"P{i}", "name": "x"} for i in range(10)])
        products, listing = inv.products, inv.products.list()
        pages = iter(listing.pages())
        get = products.get
        del inv, listing
        gc.collect()
        self.assertEqual(get("P1").sku, "P1")
        record = next(pages)[3]
        del get, products, pages
        gc.collect()
        self.assertEqual(record.sku, "P3")

    @unittest.skipIf(os.environ.get("LD_PRELOAD"), "a sanitizer keeps what was freed")
    def test_memory_stays_flat(self):
        self.tea(tags=["a"], attributes={"a": 1})
        get, lists = self.inv.products.get, self.inv.products.list

        def some(count):
            for i in range(count):
                get("TEA-100").tags
                if i % 50 == 0:
                    lists().first().to_dict()
                    try:
                        get("NO")
                    except inventra.NotFoundError:
                        pass
                    lists().__arrow_c_stream__()
                    self.inv.products.get(["TEA-100"]).__arrow_c_schema__()

        some(5000)
        gc.collect()
        before = resident()
        some(CALLS)
        gc.collect()
        self.assertLess(resident() - before, 4 << 20)


def resident():
    text = pathlib.Path("/proc/self/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGESIZE")


class Async(Shop):
    def test_calls_lists_transactions_and_the_feed(self):
        asyncio.run(self.work())

    def test_all_that_a_store_does(self):
        asyncio.run(self.all_of_it())

    async def all_of_it(self):
        async with await inventra.aio.open(self.path) as inv:
            own = await inv.session(actor="carl")
            await own.products.create(sku="A", name="A")
            await own.close()
            self.assertTrue(own.closed)
            found = await inv.verify()
            await inv.rebuild()
            await inv.backup(self.folder / "b.db")
            done = await inv.copy(self.folder / "c.db")
            self.assertEqual({found.state_hash, done.state_hash}, {await inv.state_hash()})
            self.assertEqual((await inv.info()).position, found.position)
            (self.folder / "in.csv").write_text("sku,name\nB,b\n")
            report = await inv.import_csv("product.create", self.folder / "in.csv")
            self.assertEqual((report.done, report.failed), (1, 0))
            self.assertIn("progress", inspect.signature(inv.verify).parameters)
        for name, member in vars(inventra.Inventory).items():
            if not name.startswith("_"):
                self.assertTrue(hasattr(inventra.aio.Inventory, name), name)
        self.assertTrue(inv.closed)

    async def work(self):
        async with await inventra.aio.open(self.path, actor="ben") as inv:
            await inv.products.create(sku="A", name="A")
            with self.assertRaises(ZeroDivisionError):
                async with inv.transaction():
                    await inv.products.create(sku="B", name="B")
                    1 / 0
            async with inv.transaction():
                await inv.products.create(sku="C", name="C")
                self.assertEqual((await inv.products.get("C")).name, "C")
            self.assertEqual([p.sku async for p in inv.products.list()], ["A", "C"])
            self.assertEqual(len(await asyncio.gather(*(inv.products.get("A")
                                                        for _ in range(50)))), 50)
            seen = []

            async def watch():
                async for event in inv.feed(after=0):
                    seen.append(event.name)

            task = asyncio.create_task(watch())
            await asyncio.sleep(0.3)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertIn("product.created", seen)


if __name__ == "__main__":
    unittest.main()
