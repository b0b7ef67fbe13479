# SPDX-License-Identifier: MIT
# libpq, with its pipeline mode. Used by the build and by an installed static driver alike.
find_package(PkgConfig REQUIRED)
if(NOT TARGET PkgConfig::INVENTRA_LIBPQ)
	pkg_check_modules(INVENTRA_LIBPQ REQUIRED IMPORTED_TARGET libpq>=14)
endif()
