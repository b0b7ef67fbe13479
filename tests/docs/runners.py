#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""runners.py WORK: pages.py and snippets.py find what is wrong. Pages with one fault each are
planted; each must be named, and the page without a fault must pass."""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

GOOD = """# A page

`[code](x)`, [itself](page.md#a-page), [below](#what-it-is), [a host](https://example.org/x).

## What it is

```sh run
echo 'one  5 ms'; echo two; echo three
```

```text output
one  … ms
…
three
```

```text
[no link](nowhere.md) in a block
```
"""
PAGES = {
    "a file": ("[below](#what-it-is)", "[gone](gone.md)", "gone.md: no such file"),
    "a heading": ("[below](#what-it-is)", "[gone](#gone)", "#gone: no such heading"),
    "code that says nothing": ("```sh run", "```sh", "says neither run nor part"),
    "a heading elsewhere": ("page.md#a-page", "page.md#b", "page.md#b: no such heading"),
}
SNIPPETS = {
    "another output": ("three\n```\n\n```text\n", "four\n```\n\n```text\n", "instead of"),
    "a command that fails": ("echo two;", "false;", "ended with 1"),
    "an unknown language": ("```sh run", "```tcl run", "tcl cannot be run"),
    "nothing to run": ("```sh run", "```sh", "0 snippets ran"),
}


def result(script, *arguments):
    done = subprocess.run([sys.executable, HERE / script, *arguments], capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check(name, text, wanted, command):
    page = command[-1] / "page.md" if command[0] == "pages.py" else command[-1]
    page.write_text(text, "utf-8")
    code, printed = result(*command)
    expected = 1 if wanted else 0
    if code != expected or (wanted or "") not in printed:
        raise SystemExit(f"{name}: {code}\n{printed}")


def main(work):
    folder = pathlib.Path(work)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    pages = ("pages.py", folder)
    snippets = ("snippets.py", "--build", folder, folder / "page.md")
    check("a good page", GOOD, None, pages)
    check("good snippets", GOOD, None, snippets)
    for plants, command in ((PAGES, pages), (SNIPPETS, snippets)):
        for name, (old, new, wanted) in plants.items():
            assert GOOD.count(old) == 1, name
            check(name, GOOD.replace(old, new), wanted, command)
    print(f"{len(PAGES) + len(SNIPPETS)} faults named")


if __name__ == "__main__":
    main(sys.argv[1])
