#!/bin/sh
# SPDX-License-Identifier: MIT
# consumer.sh BUILD WORK LIBDIR CC CXX: install BUILD to a fresh prefix, move the prefix (an
# installation must not know where it was put), and use it from four small programs: C11 and C++17,
# shared and static, once through find_package and once through pkg-config.
set -eu
build=$1 work=$2 libdir=$3 cc=$4 cxx=$5
source=$(cd "$(dirname "$0")/consumer" && pwd)

rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/prefix"
prefix=$work/prefix
LD_LIBRARY_PATH=$prefix/$libdir
PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig
export LD_LIBRARY_PATH PKG_CONFIG_PATH

if grep -rIl -- "$work/first" "$prefix"; then
	echo "these installed files name the folder they were installed to" >&2
	exit 1
fi

echo "== CMake"
cmake -S "$source" -B "$work/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
	-DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >"$work/configure.log"
cmake --build "$work/cmake"
for program in c11_shared c11_static cxx17_shared cxx17_static; do
	"$work/cmake/$program" "CMake, $program"
done
for program in c11_postgres c11_postgres_static; do
	[ ! -x "$work/cmake/$program" ] || "$work/cmake/$program" "CMake, $program"
done

echo "== pkg-config"
flags=$(pkg-config --cflags inventra)
shared=$(pkg-config --libs inventra)
# --static names the libraries behind it; the archive itself is named by its file.
static=$(pkg-config --static --libs inventra | sed "s|-linventra|$prefix/$libdir/libinventra.a|")
strict="-Wall -Wextra -Wpedantic -Werror"
# shellcheck disable=SC2086
for kind in shared static; do
	eval "libs=\$$kind"
	"$cc" -std=c11 $strict $flags "$source/consumer.c" -o "$work/c11_$kind" $libs
	"$cxx" -std=c++17 $strict $flags "$source/consumer.cpp" -o "$work/cxx17_$kind" $libs
	"$work/c11_$kind" "pkg-config, c11_$kind"
	"$work/cxx17_$kind" "pkg-config, cxx17_$kind"
done

if pkg-config --exists inventra-postgres; then
	# shellcheck disable=SC2046
	"$cc" -std=c11 $strict $(pkg-config --cflags inventra-postgres) \
		"$source/consumer_postgres.c" -o "$work/c11_postgres" \
		$(pkg-config --libs inventra-postgres)
	"$work/c11_postgres" "pkg-config, c11_postgres"
fi

if [ -x "$prefix/bin/inventra" ]; then
	LD_LIBRARY_PATH= "$prefix/bin/inventra" --help >/dev/null
fi
