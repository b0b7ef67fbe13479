# SPDX-License-Identifier: MIT
# Run tools/gen on the source tree. The stamp moves only when a file was rewritten.
set(arguments ${ROOT})
if(NOT "$ENV{CI}" STREQUAL "")
	list(APPEND arguments --check)
endif()
execute_process(
	COMMAND ${GEN} ${arguments}
	OUTPUT_VARIABLE wrote
	RESULT_VARIABLE result)
if(NOT result EQUAL 0)
	message(FATAL_ERROR "generated files are stale")
endif()
if(wrote)
	message(STATUS "${wrote}")
endif()
if(wrote OR NOT EXISTS ${STAMP})
	file(TOUCH ${STAMP})
endif()
