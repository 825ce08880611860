// SPDX-License-Identifier: BSD-3-Clause
#include "meter/tree.hpp"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>

namespace crossjoule::meter {

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> OpenFile::read(std::size_t limit) const {
  std::string text(limit, '\0');
  std::size_t got = 0;
  while (got < limit) {
    auto const count =
        ::pread(descriptor_, text.data() + got, limit - got, static_cast<off_t>(got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {};
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

std::optional<std::uint64_t> OpenFile::read_number() const {
  char text[32];  // 20 digits, a newline and room to notice more
  ssize_t count;
  do count = ::pread(descriptor_, text, sizeof text, 0);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return {};
  return parse_unsigned({text, static_cast<std::size_t>(count)});
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\n\r");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  while (!text.empty()) {
    auto const item = text.substr(0, text.find(','));
    auto const dash = item.find('-');
    auto const first = parse_unsigned(item.substr(0, dash));
    auto const last =
        dash == std::string_view::npos ? first : parse_unsigned(item.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= 65536) return {};
    for (auto cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
  }
  return cpus;
}

std::filesystem::path Tree::at(std::string_view path) const {
  return root_ / std::filesystem::path(path).relative_path();
}

int Tree::open(std::string const& path) const {
  int const descriptor = ::open(at(path).c_str(), O_RDONLY | O_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

std::optional<std::string> Tree::text(std::string const& path) const {
  int const descriptor = open(path);
  if (descriptor < 0) return {};
  auto text = OpenFile(descriptor).read(1 << 20);
  if (text && text->ends_with('\n')) text->pop_back();
  return text;
}

std::optional<std::uint64_t> Tree::number(std::string const& path) const {
  auto const content = text(path);
  return content ? parse_unsigned(*content) : std::nullopt;
}

bool Tree::exists(std::string const& path) const {
  std::error_code error;
  return std::filesystem::exists(at(path), error);
}

std::vector<std::string> Tree::children(std::string const& path) const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(at(path), error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end(), [](auto const& a, auto const& b) {
    int const order = ::strverscmp(a.c_str(), b.c_str());
    return order < 0;
  });
  return names;
}

}  // namespace crossjoule::meter
