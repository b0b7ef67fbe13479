#!/bin/sh
# SPDX-License-Identifier: MIT
# amalgamation.sh BUILD WORK CC: make inventra.c and inventra.h, compile them with the one line that
# README tells people, without a warning, the pedantic ones too; the quickstart runs against them,
# and what the object shows is what the shared library exports.
set -eu
build=$1 work=$2 cc=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

cmake --build "$build" --target inventra_amalgamation
rm -rf "$work"
mkdir -p "$work/inventra"
cp "$build/dist/inventra.c" "$work"
cp "$build/dist/inventra.h" "$work"
cp "$build/dist/inventra.h" "$work/inventra"
cp "$root/examples/quickstart.c" "$work"
cd "$work"

"$cc" -Wall -Wextra -Wpedantic -Werror -c inventra.c
"$cc" -Wall -Wextra -Werror -I. quickstart.c inventra.o -o quickstart \
	-lsqlite3 -lcjson -lsodium -lz -lpthread -lm
./quickstart | tee answer
[ "$(cat answer)" = "8 left" ]

nm --defined-only --extern-only --format=posix inventra.o | cut -d' ' -f1 | sort >shown
sed -n 's/^\(inv_[a-z0-9_]*\) .*/\1/p' "$root/tests/abi/symbols.txt" | sort >exported
diff exported shown

printf '#include "inventra.h"\nint main() { return inv_version() == nullptr; }\n' >alone.cpp
"$cc" -x c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only alone.cpp
