# SPDX-License-Identifier: MIT
# Untested: see packaging/README.md. It takes the archive that `scripts/package source` makes.
class Inventra < Formula
  desc "Inventory and sales engine in one library and one database file"
  url "file://#{File.expand_path("../../dist/libinventra-0.1.0.tar.gz", __dir__)}"
  license "MIT"

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "cjson"
  depends_on "libsodium"
  depends_on "sqlite"

  uses_from_macos "zlib"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja",
           "-DINVENTRA_TESTS=OFF", "-DINVENTRA_BENCH=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    system bin/"inventra", "products", "create", "--sku", "TEA-100", "--name", "Tea"
    assert_match "TEA-100", shell_output("#{bin}/inventra products list")
    assert_match "ok", shell_output("#{bin}/inventra verify")
  end
end
