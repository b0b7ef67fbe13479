#!/bin/sh
# SPDX-License-Identifier: MIT
# add_field.sh WORK CC INVENTRA [NODE NODE_API]: in a copy of the tree, add a field to products by
# one line of description and a migration, and find it in C, JSON, CSV, on the command line, in the
# shared cases, with INV_TEST_PYTHON (a python3) in Python and its types, and with NODE (and the
# folder of node_api.h) in Node and its types. INVENTRA is the
# command of the tree as it is: it makes a store from before the change.
set -eu
unset CI # with it a build refuses to rewrite what is generated, which is the point here
work=$1 cc=$2 before=$3 node=${4:-} node_api=${5:-} python=${INV_TEST_PYTHON:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$work/tree

fail()
{
	echo "add_field: $1" >&2
	exit 1
}

# holds TEXT WHAT: standard input has the text.
holds()
{
	cat >"$work/output"
	grep -qF -- "$1" "$work/output" && return
	cat "$work/output" >&2
	fail "$2 lacks: $1"
}

rm -rf "$work"
mkdir -p "$tree/docs" "$tree/tests/cases"
for part in CMakeLists.txt CMakePresets.json cmake include src bindings tools examples \
	docs/reference; do
	cp -R "$root/$part" "$tree/$part"
done
"$before" --store "$work/old.db" products create --sku OLD --name "From before" >/dev/null

echo "== the change"
sed -i.orig '/^FIELD(product, updated_at,/a\
FIELD(product, brand, TEXT, FILTER | SORT, "Maker of the product.", .max = 64)' \
	"$tree/src/schema/records/catalog.def"
rm "$tree/src/schema/records/catalog.def.orig"
last=$(ls "$tree/src/storage/migrations" | sed -n '$s/^0*\([0-9]*\)-.*/\1/p')
cat >"$tree/src/storage/migrations/$(printf '%04d' $((last + 1)))-product-brand.sql" <<'SQL'
-- SPDX-License-Identifier: MIT
ALTER TABLE product ADD COLUMN brand {text} NOT NULL DEFAULT '';
SQL
diff "$root/src/schema/records/catalog.def" "$tree/src/schema/records/catalog.def" || true

echo "== the build"
cmake -S "$tree" -B "$work/build" --preset minimal -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0 \
	-DCMAKE_C_COMPILER="$cc" -DINVENTRA_SHARED=OFF -DINVENTRA_EXAMPLES=ON -DINVENTRA_INSTALL=OFF \
	${python:+-DINVENTRA_PYTHON=ON "-DPython_EXECUTABLE=$python"} \
	${node:+-DINVENTRA_NODE=ON "-DINVENTRA_NODE_API=$node_api"} >"$work/configure.log" 2>&1
cmake --build "$work/build" --target inventra_static inventra_cli ${node:+inventra_node} \
	${python:+inventra_python} \
	>"$work/build.log" ||
	{ tail -n 30 "$work/build.log" >&2; fail "it does not build"; }
inventra=$work/build/bin/inventra

echo "== C and JSON"
"$cc" -std=c11 -Wall -Wextra -Werror -DINVENTRA_STATIC -I "$tree/include" \
	"$root/tests/api/add_field/program.c" "$work/build/lib/libinventra.a" \
	-lsqlite3 -lz -lsodium -lcjson -pthread -o "$work/program"
"$work/program" "$work/shop.db" | holds '"brand":"Kettle & Sons"' "the answer in JSON"

echo "== CSV"
printf 'sku,name,brand\nCSV-1,By file,Paper\n' >"$work/in.csv"
"$inventra" --store "$work/shop.db" import products create "$work/in.csv"
"$inventra" --store "$work/shop.db" export products "$work/out.csv"
head -n 1 "$work/out.csv" | holds ",brand" "the header of an export"
grep CSV-1 "$work/out.csv" | holds ",Paper" "an exported row"

echo "== command line"
"$inventra" products create --help | holds "--brand" "the help"
"$inventra" products create --help | holds "Maker of the product." "the help"
"$inventra" --store "$work/shop.db" products create --sku CLI-1 --name "By hand" --brand Brass \
	>/dev/null
"$inventra" --store "$work/shop.db" --json products list --filter 'brand = "Brass"' |
	holds '"sku":"CLI-1"' "a list filtered by the field"
"$inventra" --store "$work/shop.db" products get CLI-1 | holds "Brass" "the table for people"

echo "== the shared cases"
holds '"brand": {"$repeat": 65,' "what every operation must refuse" \
	<"$tree/tests/cases/generated.json"

if [ -n "$python" ]; then
	echo "== Python and its types"
	export PYTHONPATH="$work/build/bindings/python"
	"$python" - "$work/shop.db" >"$work/python.log" <<'PROGRAM'
import sys
import inventra
with inventra.open(sys.argv[1]) as inv:
    inv.products.create(sku="PY-1", name="By script", brand="Kettle")
    print(inv.products.list(filter='brand = "Kettle"').first().brand, "is there")
    try:
        inv.products.create(sku="PY-2", name="x", brand=7)
    except inventra.ArgumentError as error:
        print(error.field, "is refused")
PROGRAM
	holds "Kettle is there" "a record in Python" <"$work/python.log"
	holds "brand is refused" "an error in Python" <"$work/python.log"
	holds "brand: str | None = ..." "the type of an argument" \
		<"$tree/bindings/python/inventra/_described.pyi"
fi

if [ -n "$node" ]; then
	echo "== Node and its types"
	INVENTRA_NATIVE=$work/build/node/inventra.node "$node" "$root/tests/api/add_field/program.js" \
		"$tree/bindings/node/lib/index.js" "$work/shop.db" >"$work/node.log"
	holds "Script & Daughters NODE-1 true" "a record in Node" <"$work/node.log"
	holds "INVALID brand" "an error in Node" <"$work/node.log"
	holds "brand?: string | null;" "the type of an input" \
		<"$tree/bindings/node/lib/described.d.ts"
	holds "readonly brand: string;" "the type of a record" \
		<"$tree/bindings/node/lib/described.d.ts"
fi

echo "== a store from before, and the reference"
"$inventra" --store "$work/old.db" products update --sku OLD --brand New >/dev/null
"$inventra" --store "$work/old.db" products get OLD | holds "New" "the migrated store"
for store in shop old; do
	"$inventra" --store "$work/$store.db" --json verify | holds '"ok":true' "verify of $store.db"
done
holds '`brand`' "the reference" <"$tree/docs/reference/products.md"
echo "found everywhere"
