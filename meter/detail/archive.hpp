// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace crossjoule::meter::detail {

/// Bytes of a value for another rank of the same binary: plain values as they lie in memory, text
/// and vectors behind their length. One function lists a type's fields for both directions.
class Packer {
 public:
  template <class T>
  void operator()(T const& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      auto const* first = reinterpret_cast<std::byte const*>(&value);
      bytes_.insert(bytes_.end(), first, first + sizeof value);
    } else {
      fields(*this, const_cast<T&>(value));  // the same list serves for reading; nothing is written
    }
  }
  void operator()(std::string const& text) { sequence(text); }
  template <class T>
  void operator()(std::vector<T> const& values) {
    sequence(values);
  }
  template <class A, class B>
  void operator()(std::pair<A, B> const& both) {
    (*this)(both.first), (*this)(both.second);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  template <class Sequence>
  void sequence(Sequence const& values) {
    (*this)(static_cast<std::uint64_t>(values.size()));
    for (auto const& value : values) (*this)(value);
  }
  std::vector<std::byte> bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::span<std::byte const> bytes) : bytes_(bytes) {}
  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      need(sizeof value);
      std::memcpy(&value, bytes_.data(), sizeof value);
      bytes_ = bytes_.subspan(sizeof value);
    } else {
      fields(*this, value);
    }
  }
  void operator()(std::string& text) { sequence(text); }
  template <class T>
  void operator()(std::vector<T>& values) {
    sequence(values);
  }
  template <class A, class B>
  void operator()(std::pair<A, B>& both) {
    (*this)(both.first), (*this)(both.second);
  }

 private:
  void need(std::uint64_t count) const {
    VALIDATE_AS(ExitCode::internal, count <= bytes_.size(),
                "a message between ranks ends early (they run different versions) use one build "
                "for all ranks");
  }
  template <class Sequence>
  void sequence(Sequence& values) {
    std::uint64_t count = 0;
    (*this)(count);
    need(count);  // each item is a byte at least: no huge allocation from damaged bytes
    values.resize(count);
    for (auto& value : values) (*this)(value);
  }
  std::span<std::byte const> bytes_;
};

}  // namespace crossjoule::meter::detail
