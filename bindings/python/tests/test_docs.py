# SPDX-License-Identifier: MIT
"""The snippets of the documentation run, in order, and print what stands below them."""
import contextlib
import io
import os
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("INV_TEST_SOURCE_DIR") or pathlib.Path(__file__).parents[3])
SNIPPET = re.compile(r"```python(?P<run> run)?\n(?P<code>.*?)```"
                     r"(?:\s*```text output\n(?P<out>.*?)```)?", re.S)


class Docs(unittest.TestCase):
    def run_snippets(self, path, only_marked):
        text = (ROOT / path).read_text("utf-8")
        found = [m for m in SNIPPET.finditer(text) if m["run"] or not only_marked]
        self.assertTrue(found, f"{path} has no snippet")
        space, before = {}, os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                for match in found:
                    printed = io.StringIO()
                    with contextlib.redirect_stdout(printed):
                        exec(match["code"], space)
                    if match["out"] is not None:
                        self.assertEqual(printed.getvalue(), match["out"])
            finally:
                os.chdir(before)

    def test_python_page(self):
        self.run_snippets("docs/python.md", True)

    def test_readmes(self):
        self.run_snippets("README.md", True)
        self.run_snippets("bindings/python/README.md", False)


if __name__ == "__main__":
    unittest.main()
