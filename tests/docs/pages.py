#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pages.py ROOT: every link of the Markdown files to a file, and to a heading in one, leads there;
links to other hosts are not followed. A block of code says that it is run (snippets.py), or run on
the till file (the bindings' own tests), or that it is a part of something or takes what a test has
not: ```c run, ```python till, ```sh part."""
import pathlib
import re
import sys
import urllib.parse

LINK = re.compile(r"(?<!\\)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE_BLOCK = re.compile(r"^ *```(c|sh|python|js)(?: (.*))?$", re.M)
FENCE = re.compile(r"^ *```.*?^ *``` *$", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")


def prose_of(text):
    """Without code, in which brackets mean something else; lines stay where they are."""
    return FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)


def anchors_of(text):
    """As the usual Markdown renderers make them from headings."""
    seen = {}
    for heading in re.findall(r"^#{1,6} +(.*?)[ #]*$", prose_of(text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen.setdefault(name, 0)
        seen[name] += 1
        yield f"{name}-{count}" if count else name


def pages_of(root):
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "packaging", "bindings"):
        yield from (path for path in sorted((root / folder).rglob("*.md"))
                    if not {"node_modules", "build"} & set(path.parts))


def faults_of(page, root):
    text = CODE.sub(lambda match: "`" * len(match[0]), prose_of(page.read_text("utf-8")))
    for match in LINK.finditer(text):
        target = urllib.parse.unquote(match[1])
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        where = f"{page.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}"
        if not path.exists():
            yield f"{where}: {target}: no such file"
        elif anchor and anchor not in anchors_of(path.read_text("utf-8")):
            yield f"{where}: {target}: no such heading"


def unsaid_of(page, root):
    text = page.read_text("utf-8")
    for match in CODE_BLOCK.finditer(text):
        if match[2] not in ("run", "part", "till"):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{page.relative_to(root)}:{line}: {match[1]}: says neither run nor part"


def main(root):
    root = pathlib.Path(root).resolve()
    pages = list(pages_of(root))
    faults = [fault for page in pages
              for fault in (*faults_of(page, root), *unsaid_of(page, root))]
    print("\n".join(faults + [f"{len(pages)} pages, {len(faults)} faults"]))
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
