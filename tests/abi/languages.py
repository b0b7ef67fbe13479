#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""languages.py ROOT: what store.h and arrow.h offer can be had in Python and in Node.

Operations, fields, options and reports come from the description. This looks at the functions
themselves: each is called by the compiled half of both packages, or stands below with the reason
why not; and what a compiled half offers is called by the rest of its package.
"""
import pathlib
import re
import sys

FLAT = "Node reads answers out of inv_result_flat()"
INIT = "INV_INIT and the description do that"
LEFT_OUT = {
    ("inv_store_options_init", "python"): INIT,
    ("inv_store_options_init", "node"): INIT,
    ("inv_session_options_init", "node"): INIT,
    ("inv_options_init", "python"): INIT,
    ("inv_options_init", "node"): INIT,
    ("inv_error_init", "node"): INIT,
    ("inv_session_store", "python"): "an Inventory knows its store",
    ("inv_session_store", "node"): "an Inventory knows its store",
    ("inv_session_request_id", "python"):
        "an Inventory has a session for each thread; session(request_id=…) is another one",
    ("inv_call", "python"): "inv_call_input() takes what a binding can make",
    ("inv_call", "node"): "inv_call_input() takes what a binding can make",
    ("inv_call_json", "python"): "records are made from values, not from text",
    ("inv_call_json", "node"): "records are made from values, not from text",
    ("inv_result_json", "python"): "of inv_call_json() only",
    ("inv_result_json", "node"): "of inv_call_json() only",
    ("inv_result_count", "node"): FLAT,
    ("inv_result_at", "node"): FLAT,
    ("inv_result_record", "node"): FLAT,
    ("inv_result_cursor", "node"): FLAT,
    ("inv_result_replayed", "node"): FLAT,
    ("inv_result_arrow", "node"): "a C stream is a pointer, which JavaScript cannot take",
    ("inv_list_arrow", "node"): "a C stream is a pointer, which JavaScript cannot take",
}


def text_of(folder, *patterns):
    return "\n".join(path.read_text("utf-8") for pattern in patterns
                     for path in sorted(folder.glob(pattern)))


def functions(header):
    return re.findall(r"^INV_API [^;]*?\b(inv_\w+)\(", header, re.M)


def unreached(names, sources, left_out):
    """Sentences about functions that a language lacks, and about reasons that are none."""
    for name in names:
        for language, source in sources.items():
            called = re.search(rf"\b{name}\b", source) is not None
            if not called and (name, language) not in left_out:
                yield f"{name} cannot be had in {language}"
            if called and (name, language) in left_out:
                yield f"{name} is called in {language}, and listed as left out"
    for name, language in left_out:
        if name not in names:
            yield f"{name} is listed as left out of {language}, and is no function"


def unused(offered, scripts, form):
    for name in offered:
        if not re.search(form.format(name), scripts, re.M):
            yield f"{name} is offered by the compiled half, and nothing calls it"


def main(root):
    bindings = root / "bindings"
    names = functions(text_of(root / "include/inventra", "store.h", "arrow.h"))
    sources = {language: text_of(bindings / language / "src", "*.c")
               for language in ("python", "node")}
    jobs = sources["python"].split("jobs[] = {")[1].split("};")[0]
    entries = sources["node"].split("entries[] = {")[1].split("};")[0]
    faults = [
        *unreached(names, sources, LEFT_OUT),
        *unused(re.findall(r'\{"(\w+)"', jobs), text_of(bindings / "python/inventra", "*.py"),
                r'"{}"'),
        *unused(re.findall(r'\{"(\w+)"', entries), text_of(bindings / "node/lib", "*.js"),
                r"native\.{0}\b|^\t{0}: \["),
    ]
    assert len(names) > 30 and "inv_store_copy" in names, names
    # Planted: one language without a function, a reason that is none, an offer nobody takes.
    planted = {**sources, "node": sources["node"].replace("inv_store_copy", "")}
    assert list(unreached(names, planted, LEFT_OUT)) == ["inv_store_copy cannot be had in node"]
    assert len(list(unreached(names, sources, {**LEFT_OUT, ("inv_begin", "node"): ""}))) == 1
    assert len(list(unreached(names, sources, {**LEFT_OUT, ("inv_none", "node"): ""}))) == 1
    assert list(unused(["gone"], "native.here()", r"native\.{}\b"))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
