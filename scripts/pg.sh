# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A PostgreSQL server for tests, gone when they are over: a data folder of its own, reached by a
# socket in it (and by a port of the loopback with pg_start tcp). Sourced behind lib.sh.

pg_folder=
pg_as=()

# The newest server that the machine has.
pg_bin() {
	local found
	found=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/local/pgsql/bin/initdb |
		sort -V | tail -n 1)
	[ -x "$found" ] || found=$(command -v initdb || true)
	[ -n "$found" ] && dirname "$found"
}

# The server refuses to run as root: another user does, who owns nothing but the folder.
pg_choose_user() {
	local user=nobody
	[ "$(id -u)" = 0 ] || return 0
	! id postgres >/dev/null 2>&1 || user=postgres
	pg_as=(setpriv "--reuid=$(id -u "$user")" "--regid=$(id -g "$user")" --clear-groups)
	chown "$user" "$1"
}

pg_free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Everybody on this machine may be anybody, but who is to show a password.
pg_rules() {
	printf '%s\n' 'local all inv_password scram-sha-256' 'local all all trust' \
		'host all inv_password 127.0.0.1/32 scram-sha-256' 'host all all 127.0.0.1/32 trust'
}

# pg_settings FOLDER LISTEN PORT
pg_settings() {
	printf '%s\n' "unix_socket_directories = '$1'" "listen_addresses = '$2'" "port = $3" \
		'max_connections = 200' 'shared_buffers = 48MB' 'fsync = on' 'wal_level = minimal' \
		'max_wal_senders = 0' 'max_wal_size = 512MB' 'autovacuum_max_workers = 1' \
		"lc_messages = 'C'" "timezone = 'UTC'"
}

# pg_make FOLDER LISTEN PORT: what a server needs before it starts.
pg_make() {
	local bin
	bin=$(pg_bin)
	pg_choose_user "$1"
	if ! (cd "$1" && "${pg_as[@]}" "$bin/initdb" -D data -U inventra -E UTF8 --locale=C \
		--auth=trust) >"$1/log" 2>&1; then
		tail -n 5 "$1/log" >&2
		return 1
	fi
	pg_rules >"$1/data/pg_hba.conf"
	pg_settings "$@" >>"$1/data/postgresql.conf"
}

# pg_control FOLDER ARGUMENT…: pg_ctl, and it waits for the end of what it does.
pg_control() {
	local bin folder=$1
	shift
	bin=$(pg_bin)
	pg_choose_user "$folder"
	if ! (cd "$folder" && "${pg_as[@]}" "$bin/pg_ctl" -D data -l data/server.log -w -s "$@") \
		</dev/null >>"$folder/log" 2>&1; then
		tail -n 5 "$folder/log" "$folder/data/server.log" >&2
		return 1
	fi
}

# pg_start [tcp]: start one and set INV_TEST_POSTGRES (and INV_TEST_POSTGRES_TCP); false, with a
# sentence, when it cannot be had. A test that must disturb a server makes one of its own by
# INV_TEST_POSTGRES_CTL (see scripts/pg-own).
pg_start() {
	local port=5432 listen=
	[ -n "$(pg_bin)" ] || { say "There is no PostgreSQL server here." && return 1; }
	pg_folder=$(mktemp -d "${TMPDIR:-/tmp}/inventra-pg.XXXXXX")
	if [ "${1:-}" = tcp ]; then
		port=$(pg_free_port)
		listen=127.0.0.1
	fi
	if ! pg_make "$pg_folder" "$listen" "$port" || ! pg_control "$pg_folder" start; then
		pg_stop
		return 1
	fi
	export INV_TEST_POSTGRES="postgresql://inventra@/postgres?host=$pg_folder&port=$port"
	export INV_TEST_POSTGRES_CTL="$PWD/scripts/pg-own $pg_folder"
	[ -z "$listen" ] ||
		export INV_TEST_POSTGRES_TCP="postgresql://inventra@127.0.0.1:$port/postgres"
}

# With the servers that tests have left in it.
pg_stop() {
	local folder
	[ -n "$pg_folder" ] || return 0
	for folder in "$pg_folder" "$pg_folder"/own.*; do
		[ ! -f "$folder/data/postmaster.pid" ] || pg_control "$folder" -m immediate stop || true
	done
	rm -rf "$pg_folder"
	pg_folder=
}
