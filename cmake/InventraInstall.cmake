# SPDX-License-Identifier: MIT
# What an installation has: headers, libraries, the command, a CMake package and a pkg-config file.
# Nothing in it names the place it was installed to.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/inventra)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/inventra DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        PATTERN postgres.h EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(TARGETS inventra_static EXPORT inventraStaticTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT inventraStaticTargets NAMESPACE inventra:: DESTINATION ${package_dir})
if(INVENTRA_SHARED)
	install(TARGETS inventra EXPORT inventraTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
	install(EXPORT inventraTargets NAMESPACE inventra:: DESTINATION ${package_dir})
endif()
if(TARGET inventra_cli)
	install(TARGETS inventra_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# The command prints its manual page and its completion itself.
if(TARGET inventra_cli AND NOT CMAKE_CROSSCOMPILING)
	set(manual ${PROJECT_BINARY_DIR}/share/inventra.1)
	set(completion ${PROJECT_BINARY_DIR}/share/inventra)
	file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share)
	add_custom_command(
		OUTPUT ${manual} ${completion}
		COMMAND inventra_cli man > ${manual}
		COMMAND inventra_cli completion > ${completion}
		DEPENDS inventra_cli
		COMMENT "Printing the manual page"
		VERBATIM)
	add_custom_target(inventra_manual ALL DEPENDS ${manual} ${completion})
	install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
	install(FILES ${completion}
	        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

if(INVENTRA_WITH_POSTGRES)
	install(FILES ${PROJECT_SOURCE_DIR}/include/inventra/postgres.h
	        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/inventra)
	install(TARGETS inventra_postgres_static EXPORT inventraPostgresStaticTargets
	        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
	install(EXPORT inventraPostgresStaticTargets NAMESPACE inventra:: DESTINATION ${package_dir})
	if(INVENTRA_SHARED)
		install(TARGETS inventra_postgres EXPORT inventraPostgresTargets
		        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
		install(EXPORT inventraPostgresTargets NAMESPACE inventra:: DESTINATION ${package_dir})
	endif()
endif()

configure_package_config_file(
	${PROJECT_SOURCE_DIR}/cmake/inventraConfig.cmake.in ${PROJECT_BINARY_DIR}/inventraConfig.cmake
	INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
	${PROJECT_BINARY_DIR}/inventraConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/inventraConfig.cmake
              ${PROJECT_BINARY_DIR}/inventraConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/InventraDependencies.cmake
              ${PROJECT_SOURCE_DIR}/cmake/InventraPostgres.cmake
        DESTINATION ${package_dir})

# The prefix of the .pc file is found from where the file stands.
file(RELATIVE_PATH INVENTRA_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" INVENTRA_PC_PREFIX "${INVENTRA_PC_PREFIX}")
configure_file(${PROJECT_SOURCE_DIR}/inventra.pc.in ${PROJECT_BINARY_DIR}/inventra.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/inventra.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(INVENTRA_WITH_POSTGRES)
	configure_file(${PROJECT_SOURCE_DIR}/inventra-postgres.pc.in
	               ${PROJECT_BINARY_DIR}/inventra-postgres.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/inventra-postgres.pc
	        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
