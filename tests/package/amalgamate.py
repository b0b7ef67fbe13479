#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""amalgamate.py WORK CC: what files can do to each other when they become one.

A tree of a few files has each case in it: names that two files use for different things, a name
that another file's header has, macros that must end with their file, an object that only the
library shares, a description that is included twice. It is made into one file, compiled with
warnings as errors, and run. Then what cannot become one file is planted, and must be named.
"""
import pathlib
import shutil
import subprocess
import sys

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/amalgamate"
SPDX = "/* SPDX-License-Identifier: MIT */\n"

TREE = {
    "LICENSE": "MIT\n",
    "include/inventra/inventra.h": """
#ifndef INVENTRA_H
#define INVENTRA_H
int inv_answer(void);
#endif
""",
    "include/inventra/sys/driver.h": '#include "inventra/inventra.h"\n',
    "src/schema/colour.def": '/* Two lines. */\nCOLOUR(red, "r, \\"d\\"")\nCOLOUR(blue, "b")\n',
    "src/schema/shared.h": """
#ifndef SHARED_H
#define SHARED_H
enum { LOCK = 7 };
struct state { int value; };
extern const int inv__shared;
extern const int inv__many[];
int inv__first(void);
int inv__second(struct state *state);
#define DECLARE(name) int inv__##name(void);
#endif
""",
    "src/util/first.c": """
#include "schema/shared.h"
#include "inventra/inventra.h"
#define SIZE 3
struct frame { int depth, twice; enum shape { ROUND } shape; int (*once)(int); };
typedef int (*step)(int);
static int once(int n) { return n + SIZE; }
static const step steps[] = {once};
static int twice(int n) { return 2 * n; }
const int inv__shared = 4;
const int inv__many[] = {0, 1};
int inv__first(void)
{
	struct frame frame = {.depth = 1, .shape = ROUND, .once = once};
	struct frame *at = &frame;
	at->twice = at->shape == ROUND ? 0 : 1;
	/* 8 */
	return twice(steps[0](at->depth)) + at->twice - (at->depth > twice(0) ? 0 : 1);
}
""",
    "src/util/second.c": """
#include "schema/shared.h"
#define SIZE 5
enum { LOW, LOCKED = 2 };
struct frame { char depth[SIZE]; };
typedef int shape;
static shape once(shape n) { return n; }
static int twice(int n) { return 3 * n + LOW; }
int inv__second(struct state *state)
{
	return twice(once(state->value)) + (int)sizeof(struct frame);
}
""",
    "src/domain/third.c": """
#include "inventra/inventra.h"
#include <string.h>
enum { LOW = 1, LOCK };
struct state { char text[8]; };
enum {
#define COLOUR(name, text) COLOUR_##name,
#include "schema/colour.def"
#undef COLOUR
	COLOURS
};
static const char *const texts[] = {
#define COLOUR(name, text) text,
#include "schema/colour.def"
#undef COLOUR
};
int inv__length(void);
int inv__length(void)
{
	struct state state = {.text = "five"};
	return (int)(strlen(texts[0]) + strlen(state.text)) + COLOURS + LOW + LOCK; /* 6+4+2+1+2 */
}
""",
    "src/engine/fourth.c": """
#include "schema/shared.h"
#include "inventra/inventra.h"
int inv__length(void);
int inv_answer(void)
{
	struct state state = {.value = LOCK};
	return inv__first() + inv__second(&state) + inv__length() + inv__shared +
	       inv__many[0]; /* 8+26+15+4+0 */
}
""",
}
MAIN = '#include "inventra.h"\nint main(void) { return inv_answer() != 53; }\n'
PLANTS = {
    "a header in a condition": (
        {"src/util/second.c": '#ifdef X\n#include "schema/shared.h"\n#endif\n'},
        "second.c includes schema/shared.h in a condition"),
    "a header that is not there": (
        {"src/util/second.c": '#include "schema/gone.h"\n'}, "schema/gone.h, which is not there"),
    "a name that is taken": (
        {"src/api/fifth.c": "static int twice_of_util_first(void) { return 0; }\n"},
        "twice of util/first.c would be called as twice_of_util_first of api/fifth.c"),
    "a shared type with two meanings": (
        {"src/util/thing.h": "typedef struct inv__thing inv__thing;\n",
         "src/util/thing.c": "struct inv__thing { int a; };\n",
         "src/schema/thing.h": "typedef struct inv__thing { int b; } inv__thing;\n"},
        "inv__thing is defined in schema/thing.h and in util/thing.c"),
    "a description with a condition": (
        {"src/schema/colour.def": "#if 1\nCOLOUR(red)\n#endif\n"},
        "schema/colour.def has a preprocessor line"),
}


def plant(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if name == "LICENSE" else SPDX + text, "utf-8")
    (folder / "migrations.c").write_text(SPDX + "static const int none[] = {0};\n"
                                         "extern const int *inv_none;\n"
                                         "const int *inv_none = none;\n", "utf-8")


def amalgamate(folder):
    return subprocess.run([sys.executable, TOOL, folder / "migrations.c", folder / "out",
                           folder / "tree"], capture_output=True, text=True, check=False)


def main(work, compiler):
    folder = pathlib.Path(work)
    plant(folder, TREE)
    made = amalgamate(folder)
    assert made.returncode == 0, made.stderr
    out = folder / "out"
    (out / "main.c").write_text(MAIN, "utf-8")
    subprocess.run([compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "inventra.c", "main.c",
                    "-o", "main"],
                   cwd=out, check=True)
    subprocess.run([out / "main"], check=True)
    symbols = subprocess.run([compiler, "-c", "inventra.c"], cwd=out, check=True) and \
        subprocess.run(["nm", "--defined-only", "--extern-only", "inventra.o"], cwd=out, check=True,
                       capture_output=True, text=True).stdout
    assert "inv__" not in symbols, symbols
    for name, (files, message) in PLANTS.items():
        plant(folder, {**TREE, **files})
        result = amalgamate(folder)
        assert result.returncode == 1 and message in result.stderr, f"{name}: {result.stderr}"
    print(f"{len(PLANTS)} faults named")


if __name__ == "__main__":
    main(*sys.argv[1:])
