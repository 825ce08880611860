// SPDX-License-Identifier: BSD-3-Clause
#include "core/philox.hpp"

#include <cmath>
#include <numbers>

namespace crossjoule::core {
namespace {

/// The finaliser of SplitMix64: spreads every input bit over the whole word.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

constexpr std::uint32_t low_word(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high_word(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    std::uint64_t const product_0 = multiplier_0 * counter[0];
    std::uint64_t const product_1 = multiplier_1 * counter[2];
    counter = {high_word(product_1) ^ counter[1] ^ key[0], low_word(product_1),
               high_word(product_0) ^ counter[3] ^ key[1], low_word(product_0)};
    key[0] += weyl_0;
    key[1] += weyl_1;
  }
  return counter;
}

// Seed and purpose share the 64-bit key through a mixer; item and block number are the counter.
Random::Random(std::uint64_t seed, std::uint64_t purpose, std::uint64_t item)
    : counter_{0, 0, low_word(item), high_word(item)} {
  std::uint64_t const key = mix(mix(seed) ^ purpose);
  key_ = {low_word(key), high_word(key)};
}

std::uint32_t Random::bits() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

double Random::uniform() {
  std::uint64_t const high = bits();
  std::uint64_t const word = high << 32 | bits();
  // the middle of one of 2^52 cells: exact in a double, and never 0 or 1
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double const radius = std::sqrt(-2 * std::log(uniform()));
  double const angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  std::uint64_t const reject_below = (0 - bound) % bound;  // 2^64 mod bound
  for (;;) {
    std::uint64_t const high = bits();
    __uint128_t const product = static_cast<__uint128_t>(high << 32 | bits()) * bound;
    if (static_cast<std::uint64_t>(product) >= reject_below)
      return static_cast<std::uint64_t>(product >> 64);
  }
}

}  // namespace crossjoule::core
