# SPDX-License-Identifier: MIT
# The native half of the Node binding, and of its adapters: modules that Node loads, each with all
# it needs inside. Only the headers of Node-API are needed: of the npm package node-api-headers, or
# of an installed Node.
find_path(
	INVENTRA_NODE_API node_api.h
	HINTS ${PROJECT_SOURCE_DIR}/build/node/node_modules/node-api-headers/include
	PATH_SUFFIXES include/node node)
if(NOT INVENTRA_NODE_API)
	message(FATAL_ERROR "INVENTRA_NODE needs node_api.h: npm install node-api-headers, "
	                    "and say where by INVENTRA_NODE_API")
endif()

# inventra_node_module(TARGET NAME SOURCE…)
function(inventra_node_module target name)
	add_library(${target} MODULE ${ARGN})
	inventra_compile(${target})
	inventra_after_gen(${target} ${ARGN})
	# A macro of Node-API defines a function that it does not declare.
	target_compile_options(${target} PRIVATE -Wno-missing-prototypes)
	target_include_directories(
		${target} SYSTEM PRIVATE ${INVENTRA_NODE_API})
	target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/bindings/node/src)
	set_target_properties(
		${target} PROPERTIES PREFIX "" SUFFIX ".node" OUTPUT_NAME ${name}
		                     LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/node)
	if(APPLE)
		target_link_options(${target} PRIVATE -undefined dynamic_lookup)
	else()
		# What the module is made of stays its own: Node has libraries of the same names.
		target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL)
	endif()
endfunction()

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/node/src/*.c)
inventra_node_module(inventra_node inventra ${sources})
target_link_libraries(
	inventra_node PRIVATE inventra::static SQLite::SQLite3 ZLIB::ZLIB PkgConfig::INVENTRA_SODIUM
	                      PkgConfig::INVENTRA_CJSON)
if(INVENTRA_WITH_POSTGRES)
	inventra_node_module(inventra_node_postgres inventra-postgres
	                     ${PROJECT_SOURCE_DIR}/bindings/node-postgres/src/postgres.c)
	set_target_properties(inventra_postgres_static PROPERTIES POSITION_INDEPENDENT_CODE ON)
	target_link_libraries(
		inventra_node_postgres PRIVATE inventra::postgres_static PkgConfig::INVENTRA_LIBPQ)
endif()
