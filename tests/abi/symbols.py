#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library shows and holds.

symbols.py exports LIB LIST INCLUDE    the exported symbols are those of LIST, each declared in a
                                       public header with the @since version that LIST names
symbols.py write LIST INCLUDE          write LIST from the public headers
                                       INCLUDE may be one header: that of an adapter, which is a
                                       library of its own
symbols.py globals ARCHIVE             no object of the archive holds writable data
"""
import pathlib
import re
import subprocess
import sys


ADAPTERS = {"postgres.h"}
HEAD = """# SPDX-License-Identifier: MIT
# The exported functions, and the version that each is there since.
"""


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported(library):
    lines = output_of("nm", "-D", "--defined-only", "--format=posix", library).splitlines()
    return {line.split()[0].split("@")[0] for line in lines}


def declared(include):
    """Name -> version of every INV_API function; a comment covers the block right below it."""
    found = {}
    path = pathlib.Path(include)
    headers = [path] if path.is_file() else [
        header for header in sorted(path.rglob("*.h")) if header.name not in ADAPTERS]
    for header in headers:
        text = re.sub(r"^\s*#.*?(?<!\\)$", "", header.read_text("utf-8"), flags=re.M | re.S)
        for block in re.split(r"\n\s*\n(?!\s*INV_API)", text):
            since = re.search(r"@since\s+(\d+\.\d+)", block)
            for name in re.findall(r"INV_API\s+[^;(]*?\b(inv_\w+)\s*\(", block):
                found[name] = since.group(1) if since else "?"
    return found


def write_list(listing, include):
    lines = [f"{name} {version}\n" for name, version in sorted(declared(include).items())]
    pathlib.Path(listing).write_text(HEAD + "".join(lines), "utf-8")
    return []


def check_exports(library, listing, include):
    names = exported(library)
    since = declared(include)
    lines = [f"{name} {since.get(name, '?')}\n" for name in sorted(names)]
    with open(listing, encoding="utf-8") as file:
        listed = [line for line in file if not line.startswith("#")]
    faults = [f"{name}: exported, but in no public header" for name in sorted(names - set(since))]
    faults += [f"{name}: declared, but not exported" for name in sorted(set(since) - names)]
    faults += [f"{line.strip()}: exported, but not listed" for line in lines if line not in listed]
    faults += [f"{line.strip()}: listed, but not exported" for line in listed if line not in lines]
    return faults


def check_globals(archive):
    faults = []
    member = "?"
    for line in output_of("objdump", "-h", archive).splitlines():
        if ":     file format" in line:
            member = line.split(":")[0]
        match = re.match(r"\s*\d+\s+(\.(?:data|bss|tdata|tbss)\S*)\s+([0-9a-f]+)\s", line)
        if match and not match[1].startswith(".data.rel.ro") and int(match[2], 16) > 0:
            faults.append(f"{member}: {int(match[2], 16)} bytes of writable data in {match[1]}")
    return faults


def main():
    if sys.argv[1] == "globals":
        faults = check_globals(sys.argv[2])
    elif sys.argv[1] == "write":
        faults = write_list(*sys.argv[2:4])
    else:
        faults = check_exports(*sys.argv[2:5])
    print("\n".join(faults) or "as it should be")
    return 1 if faults else 0


sys.exit(main())
