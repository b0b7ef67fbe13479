# SPDX-License-Identifier: MIT
"""The cases that C, Python and Node share: tests/cases/README.md."""
import datetime
import decimal
import enum
import json
import keyword
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

import inventra

ROOT = pathlib.Path(os.environ.get("INV_TEST_SOURCE_DIR") or pathlib.Path(__file__).parents[3])
CASES = ROOT / "tests" / "cases"
SERVER = os.environ.get("INV_TEST_POSTGRES", "")
ON_POSTGRES = os.environ.get("INV_TEST_DRIVER") == "postgres"
DEFAULTS = (None, "", 0, False, [], "0")


def plain(value):
    """A value in the form of JSON."""
    if isinstance(value, inventra.Record):
        return {name.removesuffix("_"): plain(v) for name, v in value.to_dict().items()}
    if isinstance(value, (tuple, list, inventra.Result)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, decimal.Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, (uuid.UUID, datetime.date, enum.Enum)):
        return str(value)
    return value


def psql(sql):
    # A sanitizer that is preloaded into this process has no business in that one.
    plain = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    subprocess.run(["psql", "-qX", SERVER, "-c", sql], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=plain, timeout=60)


class Run:
    """One case on a store of its own: a file, or a schema of the server."""

    def __init__(self, test, folder):
        self.test, self.url, self.kept = test, os.path.join(folder, "case.db"), {}
        self.options = {"actor": "tester"}
        if ON_POSTGRES:
            import inventra_postgres
            schema = f"python_{uuid.uuid4().hex}"
            psql(f"CREATE SCHEMA {schema}")
            test.addCleanup(psql, f"DROP SCHEMA {schema} CASCADE")
            self.url = f"{SERVER}{'&' if '?' in SERVER else '?'}inventra_schema={schema}"
            self.options["drivers"] = [inventra_postgres.driver()]
        self.store = self.inv = inventra.open(self.url, **self.options)

    def close(self):
        self.inv.close()
        self.store.close()

    def expand(self, value):
        if isinstance(value, str) and value.startswith("$") and value[1:] in self.kept:
            return self.kept[value[1:]]
        if isinstance(value, dict) and "$repeat" in value:
            if "text" in value:
                return value["text"] * value["$repeat"]
            return [self.expand(value["of"]) for _ in range(value["$repeat"])]
        if isinstance(value, dict):
            return {name: self.expand(v) for name, v in value.items()}
        return [self.expand(v) for v in value] if isinstance(value, list) else value

    def call(self, step):
        noun, verb = step["op"].split(".")
        found = [m for m in vars(self.inv).values() if getattr(m, "noun", None) == noun]
        method = getattr(found[0], verb + "_" if keyword.iskeyword(verb) else verb)
        options = {name: self.expand(step[name]) for name in ("key", "codes") if name in step}
        answer = method(self.expand(step.get("input", {})), **options)
        if not isinstance(answer, inventra.Listing):
            return answer, plain(answer)
        page = next(answer.pages())
        return page, {"items": plain(page), "cursor": page.cursor}

    def session(self, options):
        if self.inv is not self.store:
            self.inv.close()
        self.inv = self.store.session(**self.expand(options))

    def reopen(self, options):
        if "url" in options:
            inventra.open(**options).close()
            return
        self.close()
        create = not options.pop("no_create", False)
        self.store = self.inv = inventra.open(self.url, create=create, **self.options, **options)

    def act(self, step):
        if "op" in step:
            return self.call(step)
        if "transaction" in step:
            self.inv._handle.transaction(step["transaction"])
        elif "session" in step:
            self.session(step["session"])
        elif "store" in step:
            self.reopen(dict(step["store"]))
        elif "cancel" in step:
            self.inv.cancel()
        else:
            time.sleep(step["pause_ms"] / 1000)
        return None, None

    def step(self, step):
        if "error" in step:
            with self.test.assertRaises(inventra.Error) as raised:
                self.act(step)
            self.refused(raised.exception, step["error"])
            return
        answer, value = self.act(step)
        if "answer" in step:
            self.compare(value, self.expand(step["answer"]), "answer")
        for name, path in step.get("keep", {}).items():
            self.kept[name] = self.at(value, path)
        if "op" in step and isinstance(answer, inventra.Result):
            self.test.assertEqual(answer.replayed, step.get("replayed", False))

    def refused(self, error, wanted):
        self.test.assertEqual(error.code, wanted["status"], error)
        if "field" in wanted:
            self.test.assertEqual(error.field, wanted["field"], error)
        if "index" in wanted and not isinstance(error, inventra.ArgumentError):
            self.test.assertEqual(error.index, None if wanted["index"] < 0 else wanted["index"])
        if "message" in wanted:
            self.test.assertIn(wanted["message"], error.message)
        if "details" in wanted:
            self.test.assertEqual([d[1] for d in error.details], wanted["details"])

    def compare(self, value, wanted, where):
        if isinstance(wanted, dict):
            for name, part in wanted.items():
                self.compare(value.get(name), part, f"{where}.{name}")
        elif isinstance(wanted, list):
            self.test.assertEqual(len(value or []), len(wanted), where)
            for i, part in enumerate(wanted):
                self.compare(value[i], part, f"{where}[{i}]")
        elif wanted in DEFAULTS:
            self.test.assertIn(value, DEFAULTS, where)
        else:
            self.test.assertEqual(str(value), str(wanted), where)

    @staticmethod
    def at(value, path):
        for part in path.replace("[", ".").replace("]", "").strip(".").split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value


class Cases(unittest.TestCase):
    def test_every_case(self):
        files = sorted(CASES.glob("*.json"))
        self.assertTrue(files, f"there are no cases in {CASES}")
        for path in files:
            text = path.read_text("utf-8")
            for case in json.loads(text, parse_float=decimal.Decimal).get("cases", []):
                with self.subTest(file=path.name, case=case["name"]), \
                        tempfile.TemporaryDirectory() as folder:
                    self.run_case(case, folder)

    def run_case(self, case, folder):
        run = Run(self, folder)
        try:
            for number, step in enumerate(case["steps"]):
                with self.subTest(step=number, op=step.get("op")):
                    run.step(step)
        finally:
            run.close()


if __name__ == "__main__":
    if ON_POSTGRES and not SERVER:
        sys.exit(77)
    unittest.main()
