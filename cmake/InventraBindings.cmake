# SPDX-License-Identifier: MIT
# The C side of what bindings are measured against (bindings/bench).
add_executable(inventra_bench_calls EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/bindings/bench/calls.c)
inventra_program(inventra_bench_calls bindings calls)
inventra_after_gen(inventra_bench_calls ${PROJECT_SOURCE_DIR}/bindings/bench/calls.c)
target_link_libraries(
	inventra_bench_calls PRIVATE inventra::static SQLite::SQLite3 ZLIB::ZLIB
	                             PkgConfig::INVENTRA_SODIUM PkgConfig::INVENTRA_CJSON)
