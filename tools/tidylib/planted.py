# SPDX-License-Identifier: MIT
"""A clean small tree, and one tree for every fault that tidy must find in it."""
from dataclasses import dataclass

LICENCE = "/* SPDX-License-Identifier: MIT */\n"

CLEAN = {
    "src/schema/records/shop.def": LICENCE
    + 'RECORD(shop, PUBLIC, "A shop.")\n'
    + "".join(f'FIELD(shop, {name}, TEXT, 0, "{"long " * 30}.", .max = 0)\n'
              for name in ("street", "town", "country", "owner")),
    "src/util/text.h": LICENCE + '#include "inventra/base.h"\nint inv__text(void);\n',
    "src/domain/shop.c": LICENCE + """#include "schema/def.h"
#include "util/text.h"

#define WORDS(a) \\
	{ \\
		a \\
	}

static const char *const names[] = {"if (", "printf(", "{"};

/* A macro loop, else-if chains and initialisers are no deeper than they look. */
static int shop_open(int a, int b, int c, int d, int e, int f)
{
	struct shop shop = {.a = {1, 2}, .b = (struct part){3}};

	if (a) {
		for (;;) {
			while (b)
				c++;
		}
	} else if (b) {
		EACH(item, list) {
			switch (c) {
			case 1:
				return 1;
			default:
				break;
			}
		}
	} else if (c) {
		do {
			d++;
		} while (d < 3);
	} else {
		return e + f + shop.a[0] + (int)sizeof names;
	}
	return 0;
}
""",
    "src/codec/json.c": LICENCE + '#include <cjson/cJSON.h>\n#include "schema/def.h"\n'
    + 'static const char *const one[] = {"street", "town"};\n',
    "src/storage/sqlite/driver.c": LICENCE + '#include <sqlite3.h>\n#include "storage/batch.h"\n'
    + 'static const char sql[] = "SELECT 1 WHERE a = ?1";\n',
    "include/inventra/shop.h": LICENCE + """#ifdef __cplusplus
extern "C" {
#endif

/** Opens and closes. @since 0.1 */
INV_API int inv_shop_open(void);
INV_API int inv_shop_close(void);
/** Sells.
 *  @since 0.1 */
INV_API int inv_shop_sell(int what,
                          int how_many);

static inline int inv_shop_inline(int a)
{
	return a;
}

#ifdef __cplusplus
}
#endif
""",
    "examples/shop.c": LICENCE + 'int main(void)\n{\n\tprintf("hello");\n\treturn 0;\n}\n',
    "scripts/demo": "#!/bin/sh\n# SPDX-License-Identifier: MIT\n",
    "docs/guide.md": "# Guide\nThe folder `src/domain` is where rules stand.\n",
}


@dataclass
class Plant:
    name: str
    rules: set
    files: dict


def plant(name, rule, path, text, licence=LICENCE):
    return Plant(name, {rule} if rule else set(), {path: licence + text})


def function(body, parameters="void"):
    return f"static int planted({parameters})\n{{\n{body}}}\n"


def nested(*heads):
    text, depth = "", 1
    for head in heads:
        text += "\t" * depth + head + " {\n"
        depth += 1
    text += "\t" * depth + "a++;\n"
    for _ in heads:
        depth -= 1
        text += "\t" * depth + "}\n"
    return function(text)


DOC = "/** Does. @since 0.1 */\n"
LATER = "TO" + "DO"
OPS = LICENCE + 'OP(shop, shops, open_early, shop, shop, WRITE, a, "p", "h", "s")\n'
MEMBERS = LICENCE + 'MEMBER(shop, first_door, TEXT, PLAIN, first_door, "Which.")\n'
FIELDS = LICENCE + 'FIELD(shop, opens_at, INSTANT, 0, "When.", .max = 0)\n'
JS = LICENCE.replace("/*", "//").replace(" */", "")
PY = LICENCE.replace("/*", "#").replace(" */", "")

PLANTS = [
    Plant("a clean tree", set(), {}),
    plant("util includes domain", "layer", "src/util/a.c", '#include "domain/shop.h"\n'),
    plant("storage includes schema", "layer", "src/storage/a.c", '#include "schema/def.h"\n'),
    plant("schema includes codec", "layer", "src/schema/a.c", '#include "codec/codec.h"\n'),
    plant("domain includes engine", "layer", "src/domain/a.c", '#include "engine/store.h"\n'),
    plant("engine includes api", "layer", "src/engine/a.c", '#  include "api/x.h"\n'),
    plant("domain includes driver.h", "layer", "src/domain/a.c",
          '#include "inventra/sys/driver.h"\n'),
    Plant("domain includes sqlite3.h", {"foreign", "database"},
          {"src/domain/a.c": LICENCE + "#include <sqlite3.h>\n"}),
    plant("domain includes libpq-fe.h", "foreign", "src/domain/a.c", "#include <libpq-fe.h>\n"),
    plant("storage includes libpq-fe.h", "foreign", "src/storage/a.c",
          "#include <libpq-fe.h>\n"),
    plant("the driver includes libpq-fe.h", None, "src/storage/postgres/a.c",
          "#include <libpq-fe.h>\n"),
    plant("domain includes cJSON.h", "foreign", "src/domain/a.c", "#include <cjson/cJSON.h>\n"),
    plant("domain includes time.h", "foreign", "src/domain/a.c", "#include <time.h>\n"),
    plant("engine includes sqlite3.h", "foreign", "src/engine/a.c", "#include <sqlite3.h>\n"),
    plant("a file of 801 lines", "file-size", "src/util/a.c", "int a;\n" * 800),
    plant("a file of 800 lines", None, "src/util/a.c", "int a;\n" * 799),
    plant("a function of 71 lines", "function-size", "tests/unit/a.c",
          function("\ta();\n" * 68)),
    plant("a function of 70 lines", None, "tests/unit/a.c", function("\ta();\n" * 67)),
    plant("a long function behind an attribute", "function-size", "src/util/a.c",
          "__attribute__((format(printf, 1, 2))) " + function("\ta();\n" * 68)),
    plant("a long inline function of a header", "function-size", "include/inventra/a.h",
          '#ifdef __cplusplus\nextern "C" {\n#endif\n' + function("\ta();\n" * 68)),
    plant("101 columns", "columns", "src/util/a.c", "int " + "a" * 96 + ";\n"),
    plant("100 columns", None, "src/util/a.c", "int " + "a" * 95 + ";\n"),
    plant("101 columns with tabs", "columns", "src/util/a.c",
          "\tint " + "a" * 92 + ";\n"),
    plant("seven parameters", "parameters", "src/api/a.c",
          function("\treturn 0;\n", "int a, int (*b)(int, int), int c, int d, int e, int f, "
                   "int g")),
    plant("nesting of four", "nesting", "src/util/a.c",
          nested("if (a)", "for (;;)", "while (b)", "if (c)")),
    plant("nesting of four with a switch and do", "nesting", "src/util/a.c",
          nested("if (a)", "switch (b)", "case 1: do", "if (c)").replace(
              "\t\t\t}\n", "\t\t\t} while (d);\n", 1)),
    plant("nesting of four without braces", "nesting", "src/util/a.c",
          function("\tif (a)\n\t\tfor (;;)\n\t\t\twhile (b)\n\t\t\t\tif (c)\n\t\t\t\t\td++;\n")),
    plant("nesting of four in an else", "nesting", "src/util/a.c",
          function("\tif (a) {\n\t} else {\n\t\tif (b) {\n\t\t\tif (c) {\n\t\t\t\tif (d)\n"
                   "\t\t\t\t\te++;\n\t\t\t}\n\t\t}\n\t}\n")),
    plant("nesting of four in a macro loop", "nesting", "src/util/a.c",
          nested("EACH(x, y)", "if (a)", "if (b)", "if (c)")),
    plant("strcpy", "banned", "src/util/a.c", function("\tstrcpy(a, b);\n")),
    plant("sprintf", "banned", "src/engine/a.c", function("\tsprintf (a, b);\n")),
    plant("a process-wide switch", "banned", "src/storage/a.c",
          function("\tsqlite3_config(1);\n")),
    plant("a banned word in a comment", None, "src/util/a.c", "/* not printf(a) */\n"),
    plant("a banned call in an example", None, "examples/a.c", function("\tstrtok(a, b);\n")),
    plant("formatted SQL", "built-sql", "src/engine/a.c",
          'const char *a = "SELECT a FROM b WHERE c = %d";\n'),
    plant("a formatted parameter number", None, "src/engine/a.c",
          'const char *a = "SELECT a FROM b WHERE c = ?%zu";\n'),
    plant("no licence line", "spdx", "src/util/a.c", "int a;\n", licence=""),
    plant("no licence line in a script", "spdx", "scripts/x", "#!/bin/sh\n", licence=""),
    plant("unfinished", "unfinished", "src/util/a.c", f"/* {LATER}: later */\n"),
    plant("unfinished page", "unfinished", "docs/a.md", f"{LATER}\n"),
    plant("an absolute path", "place", "tests/unit/a.c", 'const char *a = "/' + 'home/me/x";\n'),
    plant("domain names a database", "database", "src/domain/a.c", "/* As SQLite does. */\n"),
    plant("no comment", "undocumented", "include/inventra/a.h", "\nINV_API int inv_a(void);\n"),
    plant("a comment too far away", "undocumented", "include/inventra/a.h",
          f"\n{DOC}INV_API int inv_a(void);\n\nINV_API int inv_b(void);\n"),
    plant("no version", "since", "include/inventra/a.h",
          "\n/** Does. */\nINV_API int inv_a(void);\n"),
    plant("fields listed again", "field-list", "src/codec/a.c",
          'const char *a[] = {"street", "town", "country", "owner"};\n'),
    plant("blanks for tabs", "tabs", "src/util/a.c", "int a(void)\n{\n    return 0;\n}\n"),
    plant("space at the end", "space", "src/util/a.c", "int a; \n"),
    Plant("a binding names an operation", {"described"},
          {"src/schema/ops.def": OPS, "bindings/x/lib/a.js": JS + "call('shops.open_early');\n"}),
    Plant("a binding names a noun", {"described"},
          {"src/schema/ops.def": OPS, "bindings/x/src/a.py": PY + "inv.shops\n"}),
    Plant("a binding names a field", {"described"},
          {"src/schema/records/shop.def": FIELDS, "bindings/x/lib/a.js": JS + "shop.opensAt\n"}),
    Plant("a binding names a member of options", {"described"},
          {"src/schema/structs.def": MEMBERS, "bindings/x/lib/a.js": JS + "options.firstDoor\n"}),
    Plant("a binding of 1,201 lines", {"binding-size"},
          {"bindings/x/lib/a.js": JS + "a();\n" * 601,
           "bindings/x-y/lib/b.py": PY + "a()\n" * 600}),
    Plant("a binding of 1,200 lines, signs and comments", set(),
          {"bindings/x/lib/a.js": JS + "a();\n" * 1200 + "\n}\n// a\n",
           "bindings/x/test/a.js": JS + "a();\n" * 9}),
    Plant("a binding's comments show how to call", set(),
          {"src/schema/ops.def": OPS,
           "bindings/x/lib/a.js": JS + "// inv.shops.openEarly()\n",
           "bindings/x/src/a.py": PY + '"""As inv.shops does."""\n',
           "bindings/x/src/a.c": LICENCE + "/* `shops` */\n"}),
    Plant("a binding's tests name what they call", set(),
          {"src/schema/ops.def": OPS, "bindings/x/test/a.js": JS + "inv.shops.open_early\n"}),
]
