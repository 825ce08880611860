// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// A file held open and read again from its start, as counters in /sys are: 0.6 us a read.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile();
  OpenFile(OpenFile const&) = delete;
  OpenFile& operator=(OpenFile const&) = delete;
  /// Up to `limit` bytes; nothing on a failed read.
  std::optional<std::string> read(std::size_t limit = 4096) const;
  /// The whole text as one unsigned decimal number; nothing for anything else.
  std::optional<std::uint64_t> read_number() const;

 private:
  int descriptor_;
};

/// The kernel's files of a node, below a root that tests and replays set ("/" on a real one).
/// Paths are absolute as on the node: "/sys/class/powercap".
class Tree {
 public:
  explicit Tree(std::filesystem::path root = "/") : root_(std::move(root)) {}
  virtual ~Tree() = default;
  std::filesystem::path const& root() const { return root_; }
  bool is_real() const { return root_ == "/"; }
  /// The file below the root.
  std::filesystem::path at(std::string_view path) const;

  /// Open for reading: a descriptor, or -errno.
  virtual int open(std::string const& path) const;
  /// The text of a small file without its last newline; nothing where it cannot be read.
  std::optional<std::string> text(std::string const& path) const;
  std::optional<std::uint64_t> number(std::string const& path) const;
  bool exists(std::string const& path) const;
  /// Names in a folder, numbers in them compared as numbers (":2" before ":10"); empty if absent.
  std::vector<std::string> children(std::string const& path) const;

 private:
  std::filesystem::path root_;
};

/// The text as an unsigned decimal number with nothing but white space around it.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// "0,18-19" -> 0, 18, 19, as the kernel lists CPUs; empty for anything else or more than 65536.
std::vector<int> parse_cpu_list(std::string_view text);

}  // namespace crossjoule::meter
