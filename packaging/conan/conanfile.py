# SPDX-License-Identifier: MIT
"""A recipe for Conan 2 that builds the tree it stands in. Untested: see packaging/README.md."""
import pathlib
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy
from conan.tools.gnu import PkgConfigDeps

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("CMakeLists.txt", "LICENSE", "*.pc.in", "cmake/*", "include/*", "src/*", "tools/*",
           "docs/reference/*")


class Inventra(ConanFile):
    name = "inventra"
    license = "MIT"
    description = "Inventory and sales engine"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "with_postgres": [True, False]}
    default_options = {"shared": True, "fPIC": True, "with_postgres": False}

    def set_version(self):
        text = (ROOT / "CMakeLists.txt").read_text("utf-8")
        self.version = re.search(r"^\s*VERSION (\S+)$", text, re.M)[1]

    def export_sources(self):
        for pattern in SOURCES:
            copy(self, pattern, ROOT, self.export_sources_folder)

    def configure(self):
        # The library is C: nothing of C++ is part of what it is.
        self.settings.rm_safe("compiler.cppstd")
        self.settings.rm_safe("compiler.libcxx")
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def requirements(self):
        self.requires("sqlite3/[>=3.40]")
        self.requires("zlib/[>=1.2.11 <2]")
        self.requires("libsodium/[>=1.0.18]")
        self.requires("cjson/[>=1.7.15]")
        if self.options.with_postgres:
            self.requires("libpq/[>=14]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for name in ("TESTS", "EXAMPLES", "BENCH"):
            toolchain.cache_variables[f"INVENTRA_{name}"] = False
        toolchain.cache_variables["INVENTRA_SHARED"] = bool(self.options.shared)
        toolchain.cache_variables["INVENTRA_WITH_POSTGRES"] = bool(self.options.with_postgres)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, pathlib.Path(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "inventra")
        self.cpp_info.set_property("cmake_target_name", "inventra::inventra")
        self.cpp_info.set_property("pkg_config_name", "inventra")
        self.cpp_info.libs = ["inventra"]
        if not self.options.shared:
            self.cpp_info.defines = ["INVENTRA_STATIC"]
            self.cpp_info.system_libs = ["pthread", "m"]
