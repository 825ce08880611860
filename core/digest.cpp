// SPDX-License-Identifier: BSD-3-Clause
#include "core/digest.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL  // header only: no library to link
#include <xxhash.h>

namespace crossjoule::core {

struct Digester::State {
  XXH3_state_t xxh;  // aligned to 64 bytes, which `new` of C++17 respects
};

Digester::Digester() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Digester::~Digester() = default;
Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;

void Digester::add(std::span<std::byte const> bytes) {
  if (!bytes.empty()) XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
}

std::string Digester::hex() const {
  XXH128_hash_t const hash = XXH3_128bits_digest(&state_->xxh);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string digest(std::string_view text) {
  Digester digester;
  digester.add(std::as_bytes(std::span(text)));
  return digester.hex();
}

}  // namespace crossjoule::core
