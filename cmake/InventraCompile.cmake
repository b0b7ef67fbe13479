# SPDX-License-Identifier: MIT
# How the project's own code is compiled. Everything is a property of a target, so that a program
# that takes the project in by add_subdirectory() keeps its own flags.

set(INVENTRA_WARNINGS
    -Wall
    -Wextra
    -Wpedantic
    -Wconversion
    -Wshadow
    -Wvla
    -Wformat=2
    -Wundef)
set(INVENTRA_C_WARNINGS -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition)

# inventra_compile(TARGET): language level, warnings, hardening, sanitizers.
function(inventra_compile target)
	set_target_properties(
		${target}
		PROPERTIES C_STANDARD 11
		           C_STANDARD_REQUIRED ON
		           C_EXTENSIONS OFF
		           CXX_STANDARD 17
		           CXX_STANDARD_REQUIRED ON
		           CXX_EXTENSIONS OFF
		           C_VISIBILITY_PRESET hidden
		           CXX_VISIBILITY_PRESET hidden)
	target_compile_definitions(${target} PRIVATE "$<$<COMPILE_LANGUAGE:C>:_GNU_SOURCE=>")
	target_compile_options(
		${target} PRIVATE -pthread ${INVENTRA_WARNINGS}
		                  "$<$<COMPILE_LANGUAGE:C>:${INVENTRA_C_WARNINGS}>")
	target_link_options(${target} PRIVATE -pthread)
	if(INVENTRA_WERROR)
		target_compile_options(${target} PRIVATE -Werror)
	endif()
	if(INVENTRA_COVERAGE)
		target_compile_options(${target} PRIVATE --coverage)
		target_link_options(${target} PRIVATE --coverage)
	endif()
	if(INVENTRA_FUZZ)
		target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
	endif()
	if(INVENTRA_SANITIZE)
		target_compile_options(
			${target} PRIVATE -fsanitize=${INVENTRA_SANITIZE} -fno-omit-frame-pointer
			                  -fno-sanitize-recover=all)
		target_link_options(${target} PRIVATE -fsanitize=${INVENTRA_SANITIZE})
	else()
		target_compile_options(
			${target}
			PRIVATE "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>"
			        -fstack-protector-strong)
	endif()
endfunction()

# inventra_program(TARGET FOLDER NAME): where a program ends up in the build tree.
function(inventra_program target folder name)
	inventra_compile(${target})
	set_target_properties(
		${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder}
		                     OUTPUT_NAME ${name})
endfunction()
