#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs what the documentation shows.

    snippets.py [OPTION VALUE]… PAGE…

A fenced block that says `run` behind its language is run: ```c run, ```sh run, ```python run,
```js run. A block `text output` says what the blocks right before it print, each of them; `…` in
it stands for anything on its line, a line `…` for any lines. A page has a fresh folder for each
language.

- c: a program; compiled with warnings as errors.
- sh: in order, each with `inventra` on the path.
- python, js: the blocks of a page are one program.

    --build FOLDER   where the library and the command were built      (c, sh)
    --cc COMPILER    and --cflags FLAGS                                (c)
    --python PROGRAM an interpreter that can import inventra           (python)
    --node FOLDER    a folder in which inventra is installed           (js)
    --only LANGUAGES such as `python,js`: these must be run, no other; without it, what cannot be
                     run is counted
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)``` *$",
                   re.M | re.S)
LANGUAGES = ("c", "sh", "python", "js")
BORDER = "\x1e"


class Failed(Exception):
    pass


@dataclass
class Block:
    language: str
    line: int
    body: str
    outputs: list = field(default_factory=list)  # what it must print, if that is said


def unindented(body, indent):
    return re.sub(rf"^ {{{indent}}}", "", body, flags=re.M)


def blocks_of(text):
    """The blocks to run, each with the output that follows its group."""
    blocks, group, end = [], [], 0
    for match in FENCE.finditer(text):
        if text[end:match.start()].strip():
            group = []
        end = match.end()
        words = match["info"].split()
        body = unindented(match["body"], len(match["indent"]))
        if words[1:] == ["run"]:
            block = Block(words[0], text.count("\n", 0, match.start()) + 1, body)
            blocks.append(block)
            group.append(block)
        elif words == ["text", "output"]:
            for block in group:
                block.outputs.append(body)
        else:
            group = []
    return blocks


def same(expected, printed):
    """Line by line; … stands for anything on its line, and a line … for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else
        ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
        for line in expected.rstrip().split("\n"))
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None


class Runner:
    def __init__(self, options):
        self.options = options
        if options.python:  # not resolved: a virtual environment is known by its own link
            options.python = os.path.abspath(shutil.which(options.python) or options.python)
        self.environment = dict(os.environ)
        if options.build:
            build = pathlib.Path(options.build).resolve()
            self.environment["PATH"] = f"{build / 'bin'}:{os.environ['PATH']}"
            self.environment["LD_LIBRARY_PATH"] = str(build / "lib")

    def can_run(self, language):
        if self.options.only and language not in self.options.only.split(","):
            return False
        needed = {"c": self.options.build and self.options.cc, "sh": self.options.build,
                  "python": self.options.python, "js": self.options.node}[language]
        if self.options.only and not needed:
            raise Failed(f"nothing to run {language} with was given")
        return bool(needed)

    def start(self, command, folder, environment=None):
        done = subprocess.run(command, cwd=folder, env=environment or self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise Failed(f"{shlex.join(map(str, command))} ended with {done.returncode}\n"
                         f"{done.stdout}{done.stderr}")
        return done.stdout

    def c(self, folder, blocks):
        for block in blocks:
            (folder / "snippet.c").write_text(block.body, "utf-8")
            self.start([self.options.cc, *shlex.split(self.options.cflags), "-std=c11", "-Wall",
                        "-Wextra", "-Werror", f"-I{ROOT / 'include'}", "snippet.c", "-o",
                        "snippet", f"-L{self.environment['LD_LIBRARY_PATH']}", "-linventra"],
                       folder)
            yield self.start(["./snippet"], folder)

    def sh(self, folder, blocks):
        for block in blocks:
            yield self.start(["bash", "-euo", "pipefail", "-c", block.body], folder)

    def python(self, folder, blocks):
        border = f"\nprint({BORDER!r}, flush=True)\n"
        (folder / "snippet.py").write_text(border.join(block.body for block in blocks), "utf-8")
        yield from self.parts([self.options.python, "snippet.py"], folder, len(blocks))

    def js(self, folder, blocks):
        border = '\n;console.log("\\x1e");\n'
        (folder / "snippet.mjs").write_text(border.join(block.body for block in blocks), "utf-8")
        modules = pathlib.Path(self.options.node).resolve() / "node_modules"
        (folder / "node_modules").symlink_to(modules)
        yield from self.parts(["node", "snippet.mjs"], folder, len(blocks))

    def parts(self, command, folder, count):
        printed = self.start(command, folder).split(f"{BORDER}\n")
        if len(printed) != count:
            raise Failed(f"{count} blocks, but {len(printed)} outputs")
        yield from printed

    def run(self, page, language, blocks):
        with tempfile.TemporaryDirectory() as work:
            printed = getattr(self, language)(pathlib.Path(work), blocks)
            for block in blocks:
                where = f"{page}:{block.line}: {language}"
                try:
                    text = next(printed)
                except Failed as failed:
                    raise Failed(f"{where}: {failed}") from failed
                for output in block.outputs:
                    if not same(output, text):
                        raise Failed(f"{where}: printed\n{text}instead of\n{output}")
            printed.close()


def parse(arguments):
    parser = argparse.ArgumentParser(add_help=False)
    for name in ("build", "cc", "python", "node", "only"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--cflags", default="")
    parser.add_argument("pages", nargs="+")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    runner = Runner(options)
    ran, left, faults = 0, 0, 0
    for page in options.pages:
        blocks = blocks_of(pathlib.Path(page).read_text("utf-8"))
        for language in sorted({block.language for block in blocks}):
            some = [block for block in blocks if block.language == language]
            try:
                if language not in LANGUAGES:
                    raise Failed(f"{page}:{some[0].line}: {language} cannot be run")
                if not runner.can_run(language):
                    left += len(some)
                    continue
                runner.run(page, language, some)
                ran += len(some)
            except Failed as failed:
                faults += 1
                print(failed, file=sys.stderr)
    print(f"{ran} snippets ran, {left} were left, {faults} pages failed")
    return 1 if faults or ran + left == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
