# SPDX-License-Identifier: MIT
# The tests of the Node binding: each bindings/node/test/NAME.test.js is node.NAME, with a label
# `node`; those that keep stores run on PostgreSQL too. They need Node, and the packages of
# bindings/node/test/package.json in build/node/node_modules (scripts/test brings them there).
find_program(INVENTRA_NODE_PROGRAM node)
set(node_packages ${PROJECT_SOURCE_DIR}/build/node/node_modules)
if(NOT INVENTRA_NODE_PROGRAM OR INVENTRA_SANITIZE)
	message(STATUS "Without the tests of the Node binding: no Node, or sanitizers")
	return()
endif()

set(node_environment
    ${environment}
    INVENTRA_NATIVE=$<TARGET_FILE:inventra_node>
    NODE_PATH=${node_packages})
if(TARGET inventra_node_postgres)
	list(APPEND node_environment INVENTRA_POSTGRES_NATIVE=$<TARGET_FILE:inventra_node_postgres>)
endif()

# inventra_node_run(NAME DRIVER FILE LABEL…)
function(inventra_node_run name driver file)
	add_test(NAME ${name} COMMAND ${INVENTRA_NODE_PROGRAM} --expose-gc --test ${file})
	set_tests_properties(
		${name} PROPERTIES LABELS "${ARGN}" TIMEOUT 3600
		                   ENVIRONMENT "${node_environment};INV_TEST_DRIVER=${driver}")
endfunction()

file(GLOB node_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/node/test/*.test.js)
foreach(file IN LISTS node_tests)
	cmake_path(GET file FILENAME name)
	string(REPLACE ".test.js" "" name ${name})
	inventra_node_run(node.${name} sqlite ${file} node)
	file(STRINGS ${file} stores REGEX "storeUrl\\(" LIMIT_COUNT 1)
	if(stores AND TARGET inventra_node_postgres)
		inventra_node_run(node.${name}@postgres postgres ${file} node postgres)
	endif()
endforeach()

if(EXISTS ${node_packages}/typescript)
	add_test(
		NAME node.types
		COMMAND
			${CMAKE_CURRENT_SOURCE_DIR}/node_types.sh ${PROJECT_SOURCE_DIR}/bindings/node
			${CMAKE_CURRENT_BINARY_DIR}/node_types ${node_packages} ${INVENTRA_NODE_PROGRAM})
	set_tests_properties(node.types PROPERTIES LABELS node TIMEOUT 600)
endif()
