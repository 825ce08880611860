// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/cpu/block.hpp"
#include "kernels/cpu/dense.hpp"

#include <algorithm>

namespace crossjoule::kernels::cpu {

template <class T>
std::int64_t panel_columns() {
  return panel_width<T>;
}

template <class T>
std::int64_t padded(std::int64_t columns) {
  return (columns + panel_width<T> - 1) / panel_width<T> * panel_width<T>;
}

template <class T>
std::int64_t good_stride(std::int64_t columns) {
  std::int64_t const stride = padded<T>(columns);
  bool const is_even = stride / panel_width<T> % 2 == 0;
  return is_even && stride > 4 * panel_width<T> ? stride + panel_width<T> : stride;
}

template <class T>
std::int64_t packed_size(std::int64_t columns, std::int64_t depth) {
  return padded<T>(columns) * (depth + 1);
}

template <class T>
void pack(T const* weight, T const* bias, std::int64_t outputs, std::int64_t inputs, T* packed) {
  constexpr std::int64_t width = panel_width<T>, strip = 16;
  for (std::int64_t first = 0; first < outputs; first += width) {
    std::int64_t const count = std::min(width, outputs - first);
    std::fill_n(packed, width, T{0});
    if (bias) std::copy_n(bias + first, count, packed);
    packed += width;
    if (count < width) std::fill_n(packed, width * inputs, T{0});
    // strips of columns: the lines read and the lines written both stay in the first cache
    for (std::int64_t k0 = 0; k0 < inputs; k0 += strip) {
      std::int64_t const k1 = std::min(k0 + strip, inputs);
      for (std::int64_t n = 0; n < count; ++n) {
        T const* const row = weight + (first + n) * inputs;
        for (std::int64_t k = k0; k < k1; ++k) packed[k * width + n] = row[k];
      }
    }
    packed += width * inputs;
  }
}

template <class T>
void pack_transposed(T const* weight, std::int64_t outputs, std::int64_t inputs, T* packed) {
  constexpr std::int64_t width = panel_width<T>;
  for (std::int64_t first = 0; first < inputs; first += width) {
    std::int64_t const count = std::min(width, inputs - first);
    std::fill_n(packed, width, T{0});
    packed += width;
    for (std::int64_t n = 0; n < outputs; ++n, packed += width) {
      std::copy_n(weight + n * inputs + first, count, packed);
      std::fill_n(packed + count, width - count, T{0});
    }
  }
}

#define CROSSJOULE_INSTANTIATE(T)                                            \
  template std::int64_t panel_columns<T>();                                  \
  template std::int64_t padded<T>(std::int64_t);                             \
  template std::int64_t good_stride<T>(std::int64_t);                        \
  template std::int64_t packed_size<T>(std::int64_t, std::int64_t);          \
  template void pack<T>(T const*, T const*, std::int64_t, std::int64_t, T*); \
  template void pack_transposed<T>(T const*, std::int64_t, std::int64_t, T*);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)

std::int64_t rows_per_block() { return block_rows; }

/// Whole register blocks of 6 and of 12 rows.
std::int64_t rows_per_tile() { return has_large_caches ? 240 : 120; }

char const* description() {
#if defined(__AVX512F__)
  return "own AVX-512 kernels";
#elif defined(__AVX__) && defined(__FMA__)
  return "own AVX2 kernels";
#elif defined(__AVX__)
  return "own AVX kernels";
#elif defined(__aarch64__)
  return "own NEON kernels";
#else
  return "own SSE2 kernels";
#endif
}

}  // namespace crossjoule::kernels::cpu
