# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts share: Debian packages, presets, stages with their time. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=$(nproc 2>/dev/null || echo 2)
packages_build=(build-essential cmake ninja-build pkg-config libsqlite3-dev libcjson-dev
	libsodium-dev zlib1g-dev libpq-dev python3-dev)
packages_check=(python3)
packages_test=(clang libclang-rt-14-dev valgrind libc6-dbg python3)
packages_postgres=(postgresql)
packages_python=(python3 python3-dev python3-venv)
packages_debian=(debhelper dpkg-dev lintian fakeroot man-db)

say() {
	printf '%s\n' "$*" >&2
}

missing_packages() {
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] ||
			printf '%s ' "$package"
	done
}

# need PACKAGE…: install what is missing, or name it and stop.
need() {
	local missing log root=()
	if ! command -v dpkg >/dev/null; then
		say "This is not Debian; these packages are taken to be there: $*"
		return
	fi
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "Installing: $missing"
	[ "$(id -u)" = 0 ] || root=(sudo)
	log=$(log_of packages)
	# shellcheck disable=SC2086
	if ! { "${root[@]}" apt-get update -q && "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qy --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		say "Could not install these packages; please do, and start again: $missing"
		exit 1
	fi
}

# Node and npm, of whatever origin, 20 or later.
need_node() {
	command -v node >/dev/null && command -v npm >/dev/null || need nodejs npm
	node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' && return
	say "Node 20 or later is needed; this is $(node --version)."
	exit 1
}

# node_packages: what the Node binding is built and tested with, in build/node.
node_packages() {
	need_node
	mkdir -p build/node
	! cmp -s bindings/node/test/package-lock.json build/node/package-lock.json ||
		[ ! -d build/node/node_modules/typescript ] || return 0
	cp bindings/node/test/package.json bindings/node/test/package-lock.json build/node
	(cd build/node && npm ci --ignore-scripts --no-audit --no-fund)
}

# build PRESET [TARGET…]: configure once and build.
build() {
	local preset=$1
	shift
	cmake --preset "$preset" >"$(log_of "$preset-configure")" 2>&1 ||
		fail_with "$(log_of "$preset-configure")"
	cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# python_tools FOLDER REQUIREMENTS: a virtual environment with exactly these packages, made anew
# when the list has changed. The list carries hashes, so that what comes is what was chosen.
python_tools() {
	cmp -s "$2" "$1/requirements.txt" && return
	rm -rf "$1"
	python3 -m venv "$1"
	"$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$2"
	cp "$2" "$1/requirements.txt"
}

log_of() {
	mkdir -p build/logs
	printf 'build/logs/%s.log' "$1"
}

fail_with() {
	cat "$1" >&2
	exit 1
}
