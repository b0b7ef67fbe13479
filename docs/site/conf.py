# SPDX-License-Identifier: MIT
"""The documentation as a site: scripts/docs builds it with Sphinx. The pages are plain Markdown
that reads well without it; what only the site has (its tree of contents) is added here."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

project = "libinventra"
author = "the libinventra authors"
release = re.search(r"^\s*VERSION (\S+)$", (ROOT / "CMakeLists.txt").read_text("utf-8"), re.M)[1]
html_title = f"libinventra {release}"

extensions = ["myst_parser"]
exclude_patterns = ["site"]
myst_heading_anchors = 4
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["tabs.js"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5fd0a5", "color-brand-content": "#5fd0a5"},
}
# Shell sessions, JSON with an ellipsis: shown plain where they are no valid program.
suppress_warnings = ["misc.highlighting_failure"]

# In this order; a guide or page that is not named stands behind the others of its section.
CONTENTS = {
    "Start": ["install", "start/shell", "start/c", "start/python", "start/node", "concepts"],
    "Do things": ["guides/till", "guides/stock", "guides/units", "guides/kits",
                  "guides/reservations", "guides/transfers", "guides/counts", "guides/reorder",
                  "guides/past", "guides/feed", "guides/retry", "import-export"],
    "Run it": ["storage", "postgres", "scaling", "performance"],
    "Look up": ["reference/index", "languages", "architecture", "drivers", "decisions/index"],
}
REST = {"Do things": "guides/*.md", "Look up": "*.md"}


def tree(pages, *options):
    lines = "\n".join([*options, "", *pages])
    return f"\n```{{toctree}}\n{lines}\n```\n"


def names_in(folder):
    pages = sorted((ROOT / "docs" / folder).glob("*.md"))
    return [page.stem for page in pages if page.stem != "index"]


def sections():
    named = {page for pages in CONTENTS.values() for page in pages} | {"index"}
    for caption, pages in CONTENTS.items():
        found = sorted((ROOT / "docs").glob(REST[caption])) if caption in REST else []
        rest = [path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in found]
        yield caption, pages + [page for page in rest if page not in named]


def add_contents(app, name, source):
    """Trees of contents: the sections of the start page, and the pages of a folder."""
    if name == "index":
        for caption, pages in sections():
            source[0] += tree(pages, f":caption: {caption}", ":hidden:")
    if name == "reference/index":
        source[0] += tree(names_in("reference"), ":hidden:")
    if name == "decisions/index":
        source[0] += tree(names_in("decisions"), ":maxdepth: 1")


def setup(app):
    app.connect("source-read", add_contents)
