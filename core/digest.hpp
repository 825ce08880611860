// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace crossjoule::core {

/// xxh3-128 of a stream of bytes, as 32 hexadecimal digits. Not cryptographic: it finds damage and
/// tells networks apart, it does not stop forgery.
class Digester {
 public:
  Digester();
  ~Digester();
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  void add(std::span<std::byte const> bytes);
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string digest(std::string_view text);

}  // namespace crossjoule::core
