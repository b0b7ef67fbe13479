# SPDX-License-Identifier: MIT
# Headers and reference pages are made from the description (tools/gen) before anything else
# compiles. They are committed; a build rewrites the stale ones, and with CI set in the environment
# it fails on them instead. Every source waits for the stamp, and is compiled anew when a generated
# file was rewritten.

file(GLOB INVENTRA_GEN_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/gen*.c)
file(GLOB_RECURSE INVENTRA_DEFS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/schema/*.def)

add_executable(inventra_gen EXCLUDE_FROM_ALL ${INVENTRA_GEN_SOURCES})
inventra_program(inventra_gen tools gen)
target_include_directories(
	inventra_gen PRIVATE ${PROJECT_SOURCE_DIR}/tools ${PROJECT_SOURCE_DIR}/src
	                     ${PROJECT_SOURCE_DIR}/include)

set(INVENTRA_STAMP ${PROJECT_BINARY_DIR}/generated.stamp)
add_custom_command(
	OUTPUT ${INVENTRA_STAMP}
	COMMAND ${CMAKE_COMMAND} -DGEN=$<TARGET_FILE:inventra_gen> -DROOT=${PROJECT_SOURCE_DIR}
	        -DSTAMP=${INVENTRA_STAMP} -P ${PROJECT_SOURCE_DIR}/cmake/RunGen.cmake
	DEPENDS inventra_gen ${INVENTRA_DEFS} ${PROJECT_SOURCE_DIR}/cmake/RunGen.cmake
	COMMENT "Bringing generated files up to date"
	VERBATIM)
add_custom_target(inventra_generated DEPENDS ${INVENTRA_STAMP})

# inventra_after_gen(TARGET SOURCE…)
function(inventra_after_gen target)
	add_dependencies(${target} inventra_generated)
	set_property(SOURCE ${ARGN} APPEND PROPERTY OBJECT_DEPENDS ${INVENTRA_STAMP})
endfunction()
