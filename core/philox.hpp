// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

namespace crossjoule::core {

/// Philox 4x32-10: counter-based random bits (Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3", SC11). The same counter and key give the same four words on any rank and device.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// A stream of random numbers keyed by meaning: seed, purpose ("events/ttbar"), item (the event's
/// global index). Never keyed by rank, so that any rank count draws the same numbers.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t purpose, std::uint64_t item);

  std::uint32_t bits();
  /// Uniform in (0, 1): the middle of one of 2^52 equal cells, so never 0 or 1.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal (Box-Muller).
  double normal();
  /// Uniform in [0, bound), without bias (Lemire's multiplication with rejection).
  std::uint64_t below(std::uint64_t bound);

 private:
  std::array<std::uint32_t, 4> counter_, block_{};
  std::array<std::uint32_t, 2> key_;
  int used_ = 4;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// A 64-bit key for a purpose, from its name (FNV-1a): constexpr, so that it costs nothing.
constexpr std::uint64_t purpose(char const* name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (; *name; ++name) hash = (hash ^ static_cast<unsigned char>(*name)) * 0x100000001b3;
  return hash;
}

}  // namespace crossjoule::core
