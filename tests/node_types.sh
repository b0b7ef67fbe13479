#!/bin/sh
# SPDX-License-Identifier: MIT
# node_types.sh BINDING WORK PACKAGES NODE: right and wrong uses of the Node package under
# tsc --strict, in a folder where the package is installed as it is packed.
set -eu
binding=$1 work=$2 packages=$3 node=$4

rm -rf "$work"
mkdir -p "$work/node_modules/inventra"
cp -R "$binding/package.json" "$binding/lib" "$work/node_modules/inventra"
ln -s "$packages/@types" "$work/node_modules/@types"
cp "$binding/test/types.ts" "$binding/test/tsconfig.json" "$work"
echo '{}' >"$work/package.json"
"$node" "$packages/typescript/bin/tsc" -p "$work/tsconfig.json"
# It sees what is wrong.
sed '/^\/\/ @ts-expect-error a binary number/d' "$work/types.ts" >"$work/wrong.ts"
sed 's/types.ts/wrong.ts/' "$work/tsconfig.json" >"$work/wrong.json"
! "$node" "$packages/typescript/bin/tsc" -p "$work/wrong.json" >"$work/wrong.log" || exit 1
grep -q 'wrong.ts.*error TS2769' "$work/wrong.log"
