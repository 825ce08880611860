// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/simd.hpp"

#include <cstdint>

namespace crossjoule::bench {

/// What one core can do at most: `rounds` rounds of independent multiply-adds in registers. Returns
/// their FLOPs.
[[gnu::noinline]] inline std::int64_t peak_fma(std::int64_t rounds) {
  namespace cpu = kernels::cpu;
  constexpr int chains = 12;
  cpu::Vector<float> sum[chains] = {}, factor = cpu::splat(0.5F);
  for (std::int64_t n = 0; n < rounds; ++n)
#pragma GCC unroll 16
    for (int i = 0; i < chains; ++i) {
      sum[i] = sum[i] * factor + factor;
#ifdef __x86_64__
      asm volatile("" : "+x"(sum[i]));  // each of them counts
#else
      asm volatile("" : "+w"(sum[i]));
#endif
    }
  return 2 * rounds * chains * cpu::lanes<float>;
}

}  // namespace crossjoule::bench
