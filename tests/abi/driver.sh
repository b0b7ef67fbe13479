#!/bin/sh
# SPDX-License-Identifier: MIT
# driver.sh BUILD WORK LIBDIR CC PYTHON: install BUILD to a fresh prefix, build the driver of
# examples/driver there with the installed headers and library alone, and run it.
set -eu
build=$1 work=$2 libdir=$3 cc=$4 python=$5
tests=$(cd "$(dirname "$0")/.." && pwd)

rm -rf "$work"
mkdir -p "$work/source"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
# Away from the tree, so that no other header is found.
cp "$tests"/../examples/driver/* "$work/source"
PKG_CONFIG_PATH=$work/prefix/$libdir/pkgconfig
LD_LIBRARY_PATH=$work/prefix/$libdir
export PKG_CONFIG_PATH LD_LIBRARY_PATH
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags inventra) \
	"$work"/source/*.c -o "$work/driver" $(pkg-config --libs inventra)
"$python" "$tests/examples/compare.py" "$tests/examples/driver.txt" "$work/driver"
