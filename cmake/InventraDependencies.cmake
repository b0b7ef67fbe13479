# SPDX-License-Identifier: MIT
# The four libraries of the core. Used by the build and by an installed package alike.
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
if(NOT TARGET PkgConfig::INVENTRA_SODIUM)
	pkg_check_modules(INVENTRA_SODIUM REQUIRED IMPORTED_TARGET libsodium)
endif()
if(NOT TARGET PkgConfig::INVENTRA_CJSON)
	pkg_check_modules(INVENTRA_CJSON REQUIRED IMPORTED_TARGET libcjson)
endif()
