#!/bin/sh
# SPDX-License-Identifier: MIT
# cli.sh WORK INVENTRA PYTHON: what scripts and people rely on of the command line: exit codes, the
# keys of its JSON, help for everything and tables within 80 columns.
set -eu
work=$1 inventra=$2 python=$3
unset COLUMNS INVENTRA_STORE || true
export TZ=UTC

fail()
{
	echo "cli: $1" >&2
	exit 1
}

# exits CODE ARGUMENT…: the command ends with this code.
exits()
{
	wanted=$1
	shift
	got=0
	"$inventra" "$@" >out 2>err </dev/null || got=$?
	[ "$got" -eq "$wanted" ] && return
	cat out err >&2
	fail "exit code $got instead of $wanted: inventra $*"
}

# says TEXT FILE
says()
{
	grep -qF -- "$1" "$2" && return
	cat "$2" >&2
	fail "no \"$1\" there"
}

# keys FILE KEY…: the object in the file has these keys in this order; its details have theirs.
keys()
{
	"$python" - "$@" <<'PY' || fail "keys of $1"
import json, sys
found = json.load(open(sys.argv[1], encoding="utf-8"))
if list(found) != sys.argv[2:]:
    sys.exit(f"keys {list(found)} instead of {sys.argv[2:]}")
for detail in found.get("details", []):
    if list(detail) != ["status", "field", "message"]:
        sys.exit(f"keys of a detail: {list(detail)}")
PY
}

# narrow FILE: no line is longer than 80 columns or ends in a blank.
narrow()
{
	"$python" - "$1" <<'PY' || fail "lines of $1"
import sys
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    if len(line) > 80 or line != line.rstrip():
        sys.exit(f"{len(line)} columns: {line!r}")
PY
}

# helps WORD…: help exits 0 and says something, which is kept for `narrow`.
helps()
{
	exits 0 "$@" --help
	[ -s out ] && [ ! -s err ] || fail "help of $*"
	cat out >>every_help
}

# same GOLDEN: out is as it should be, and narrow.
same()
{
	narrow out
	diff -u "$1" out >&2 || fail "a table has changed"
}

rm -rf "$work"
mkdir -p "$work"
cd "$work"

echo "== help"
helps
operations=0
cp out top
for command in import export verify rebuild backup migrate doctor feed completion man; do
	helps "$command"
done
for noun in $(sed -n '/^Nouns/,/^Commands/s/^  \([a-z]*\) .*/\1/p' top); do
	helps "$noun"
	cp out verbs
	for verb in $(sed -n "s/^  inventra $noun \([a-z]*\) .*/\1/p" verbs); do
		helps "$noun" "$verb"
		says "inventra $noun $verb" out
		operations=$((operations + 1))
	done
done
narrow every_help
[ "$operations" -gt 40 ] || fail "only $operations operations have help"
exits 0 products create --help
if grep -q "Optimistic lock" out; then fail "the lock is offered on create"; fi
exits 0 products update --help
says "Optimistic lock" out
exits 0 verify --help
if grep -q -- "--actor" out; then fail "verify does not book, so it has no actor"; fi

echo "== completion"
exits 0 completion
cp out completion
# completes LINE WORD: the word is offered at the end of the line.
completes()
{
	bash -eu -c '. ./completion; read -ra COMP_WORDS <<<"$1"
		[ "${1% }" = "$1" ] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _inventra
		printf "%s\n" "${COMPREPLY[@]}"' \
		- "$1" >out || fail "completion of $1"
	grep -qxF -- "$2" out && return
	cat out >&2
	fail "completion of $1 does not offer $2"
}
completes "inventra " products
completes "inventra ver" verify
completes "inventra products " archive
completes "inventra --store a.db products " archive
completes "inventra products create --li" --list_price
completes "inventra products create --js" --json
completes "inventra import " products
completes "inventra import products " create
completes "inventra import products create in.csv --sk" --skip
bash -c '. ./completion; COMP_WORDS=(inventra sales cl); COMP_CWORD=2; _inventra
	[ "${COMPREPLY[*]}" = close ]' || fail "sales cl is not completed to close alone"

echo "== manual page"
exits 0 man
says "sales close" out
says "INSUFFICIENT" out
if command -v mandoc >/dev/null; then
	# It is made with every build, and has no date.
	mandoc -Tlint -W warning out | grep -v "missing date" >lint || true
	[ ! -s lint ] || { cat lint >&2; fail "the manual page has faults"; }
fi

echo "== exit codes"
exits 2
exits 2 produkts list
says "did you mean \`products\`" err
exits 2 products lst
exits 2 products create --skuu X
exits 2 products
exits 12 products list # no store yet, and reading makes none
exits 0 products create --sku TEA-100 --name "Tea, 100 g" --list-price 2.50
exits 0 products create --sku MUG --name "Mug with a rather long name, white" --list-price 8
exits 11 products create --name "No SKU"
exits 12 products get NOPE
exits 13 products create --sku TEA-100 --name Again
exits 0 --key once products create --sku KEYED --name Keyed
exits 0 --key once products create --sku KEYED --name Keyed
exits 17 --key once products create --sku OTHER --name Other
exits 23 --read-only products create --sku RO --name "Read only"
exits 16 sales close --lines product=TEA-100,quantity=99,use_list_price=true
echo "no store" >not.db
exits 29 --store not.db products list

echo "== errors"
exits 11 --json products create --name "No SKU"
keys err status record field message details
says '"status":"INVALID"' err
exits 2 --json produkts
keys err status record field message details
code=0
echo '[{"sku":"A","name":"A"},{"name":"B"}]' | "$inventra" products create - 2>err || code=$?
[ "$code" -eq 11 ] || fail "exit code $code of a bad batch"
says "inventra: [1].sku: " err
exits 12 products get NOPE MUG
says "inventra: [0].ref: " err

echo "== tables"
at=2025-06-14T0
exits 0 --actor ann stock receive --occurred_at ${at}6:30:00Z --reason delivery \
	--lines product=TEA-100,quantity=40 --lines product=MUG,quantity=12.000
exits 0 --actor ann sales close --occurred_at ${at}8:00:00Z \
	--lines product=TEA-100,quantity=2,use_list_price=true
exits 0 --actor ann sales close --occurred_at ${at}9:15:00.250Z \
	--lines product=TEA-100,quantity=1,use_list_price=true \
	--lines product=MUG,quantity=3,use_list_price=true
export COLUMNS=80
exits 0 moves list --filter 'product = "TEA-100"' --sort occurred_at
cat >golden <<'GOLDEN'
product  location  condition  occurred_at           quantity  other_location
TEA-100  MAIN      sellable   2025-06-14T06:30:00Z        40  SUPPLIER
TEA-100  MAIN      sellable   2025-06-14T08:00:00Z        -2  CUSTOMER
TEA-100  MAIN      sellable   2025-06-14T09:15:00Z        -1  CUSTOMER
all rows: line 1, other_condition sellable
no room for event (--json shows all)
GOLDEN
same golden
exits 0 sales list --sort occurred_at
cat >golden <<'GOLDEN'
ticket     number  till  location  occurred_at           subtotal  total
T1-000001       1  T1    MAIN      2025-06-14T08:00:00Z      5.00   5.00
T1-000002       2  T1    MAIN      2025-06-14T09:15:00Z     26.50  26.50
all rows: kind sale, channel POS, business_date 2025-06-14, actor ann, currency
  EUR
no room for line_count (--json shows all)
GOLDEN
same golden
exits 0 report sales product
cat >golden <<'GOLDEN'
key      documents  lines  units_sold  units_returned  units_net   sold    net
MUG              1      1           3               0          3  24.00  24.00
TEA-100          2      2           3               0          3   7.50   7.50
all rows: refunded 0.00, accounting 0.00
GOLDEN
same golden
for list in "postings list" "products list" "balances list" "locations list" "channels list" \
	"feed read" "feed" doctor "sales get T1-000001"; do
	# shellcheck disable=SC2086
	exits 0 $list
	sed -i.orig '/^more: /d' out
	narrow out
done
id=$("$inventra" --json products get MUG | sed 's/.*"id":"\([^"]*\)".*/\1/')
exits 0 --actor ann products update --sku MUG --name "Mug, white"
exits 0 audit history "$id"
says changed out
says ann out
narrow out
exits 0 sales get T1-000002
says TEA-100 out
if grep -q "product_code\|^  [0-9a-f]*-[0-9a-f]*-" out; then fail "ids where codes are known"; fi
unset COLUMNS
exits 0 --json moves list
says '"product_code":"TEA-100"' out

echo "== import"
cat >in.csv <<'CSV'
sku,name,list_price
IN-1,Fine,1
IN-2,"Bad, but
whole",zz
IN-3,5" nail,3
IN-4,Good,2
CSV
exits 11 import products create in.csv --skip
says "4 rows: 2 done, 0 done before, 2 failed" out
cat >golden <<'GOLDEN'
line,field,message,sku,name,list_price
3,"list_price","`list_price` must be a decimal number such as 12.5, not `zz`",IN-2,"Bad, but
whole",zz
5,"","line 5: a quote stands inside a field that does not start with one","IN-3,5"" nail,3"
GOLDEN
diff -u golden in.csv.errors.csv >&2 || fail "the report of bad rows has changed"
"$python" - <<'PY'
import csv
rows = list(csv.reader(open("in.csv.errors.csv", encoding="utf-8", newline="")))
rows = [row[3:] for row in rows if len(row) == 6]
rows[1][1:] = ["Repaired", "3"]
csv.writer(open("again.csv", "w", encoding="utf-8", newline="")).writerows(rows)
PY
exits 0 import products create again.csv --skip
says "1 row: 1 done" out
[ ! -e again.csv.errors.csv ] || fail "a report though no row was bad"
exits 13 import products create in.csv # without --skip, the status of the first bad row
exits 12 import products create missing.csv

echo "== verify"
exits 0 --json verify
keys out ok events position state_hash first_divergence
says '"first_divergence":null' out
exits 0 verify
narrow out
cp out verified

echo "== migrate"
exits 0 migrate --to moved.db
narrow out
says "$(grep '^state_hash: ' verified)" out
exits 0 --store moved.db verify
cmp -s out verified || fail "what was moved is not the same"
exits 0 products create --sku LATE --name "After the first run"
exits 0 --json migrate --from shop.db --to sqlite:moved.db
keys out position events keys seconds state_hash
says '"events":1,' out
exits 0 --store moved.db products get LATE
exits 0 --store moved.db products create --sku ON --name "It goes on there"
exits 13 migrate --to moved.db
exits 13 migrate --to shop.db
exits 12 migrate --from missing.db --to moved.db
exits 2 migrate
exits 2 migrate --from shop.db moved.db

echo "== a password is not shown"
case ${INV_TEST_POSTGRES:-} in
'') echo "without a server there is nothing to see" ;;
*) url="$INV_TEST_POSTGRES$(case $INV_TEST_POSTGRES in *\?*) echo '&' ;; *) echo '?' ;; esac)"
	url="${url}password=hush"
	exits 0 --store "$url" products create --sku "P-$$" --name P
	exits 0 --store "$url" doctor
	says "driver" out
	! grep -q hush out || fail "doctor shows the password" ;;
esac
echo "all as it should be"
