#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""site.py FOLDER: the built site reads without a network. No page loads a script, style, font or
picture from another host; every link within leads to a file and to an id in it; search is there."""
import html.parser
import pathlib
import re
import sys
import urllib.parse

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.loads, self.links, self.ids = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("id"):
            self.ids.add(attrs["id"])
        if tag in LOADS and attrs.get(LOADS[tag]):
            self.loads.append(attrs[LOADS[tag]])
        if tag == "link" and "stylesheet" in attrs.get("rel", ""):
            self.loads.append(attrs["href"])
        if tag == "a" and attrs.get("href"):
            self.links.append(attrs["href"])


def is_foreign(address):
    return re.match(r"([a-z]+:)?//", address) is not None


def style_loads(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return (re.findall(r"url\([\"']?([^\"')]+)", text)
            + re.findall(r"@import\s+[\"']([^\"']+)", text))


def broken(root, pages, path, link):
    name, _, anchor = urllib.parse.unquote(link).partition("#")
    target = (path.parent / name.split("?")[0]).resolve() if name else path
    if target not in pages:
        return None if target.is_file() else f"{path.relative_to(root)}: {link}: no such file"
    if anchor and anchor not in pages[target].ids:
        return f"{path.relative_to(root)}: {link}: no such place"
    return None


def main(folder):
    root = pathlib.Path(folder).resolve()
    pages = {path: Page(path.read_text("utf-8")) for path in root.rglob("*.html")}
    faults = []
    for path, page in pages.items():
        faults += [f"{path.relative_to(root)} loads {address}" for address in page.loads
                   if is_foreign(address)]
        found = (broken(root, pages, path, link) for link in page.links
                 if not re.match(r"[a-z]+:", link))
        faults += [fault for fault in found if fault]
    for path in root.rglob("*.css"):
        faults += [f"{path.relative_to(root)} loads {address}"
                   for address in style_loads(path.read_text("utf-8")) if is_foreign(address)]
    if not (root / "searchindex.js").is_file():
        faults.append("there is no search index")
    print("\n".join(faults + [f"{len(pages)} pages, {len(faults)} faults"]))
    return 1 if faults or len(pages) < 10 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
