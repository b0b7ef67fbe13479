# SPDX-License-Identifier: MIT
# The target inventra_amalgamation: the library as dist/inventra.c and dist/inventra.h of the build
# folder. It stands beside the library's other targets, whose migrations it takes.
file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.[ch]
     ${PROJECT_SOURCE_DIR}/src/schema/*.def ${PROJECT_SOURCE_DIR}/include/*.h
     ${PROJECT_SOURCE_DIR}/tools/tidylib/*.py)
set(made ${PROJECT_BINARY_DIR}/dist/inventra.c ${PROJECT_BINARY_DIR}/dist/inventra.h)
add_custom_command(
	OUTPUT ${made}
	COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/amalgamate
	        ${embedded} ${PROJECT_BINARY_DIR}/dist
	DEPENDS ${parts} ${embedded} ${PROJECT_SOURCE_DIR}/tools/amalgamate
	        ${INVENTRA_STAMP} ${PROJECT_SOURCE_DIR}/LICENSE
	COMMENT "Making one file of the library"
	VERBATIM)
add_custom_target(inventra_amalgamation DEPENDS ${made})
add_dependencies(inventra_amalgamation inventra_migrations inventra_generated)
