// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstring>

namespace crossjoule::kernels::cpu {

// GCC and Clang vector extensions: one source for SSE2, NEON, AVX2 and AVX-512. The width follows
// the flags this folder is compiled with, so nothing in here may be seen by a file with other
// flags.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64, vector_registers = 32;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32, vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr int vector_bytes = 16, vector_registers = 32;
#else
inline constexpr int vector_bytes = 16, vector_registers = 16;
#endif

template <class T>
struct SimdOf;
template <>
struct SimdOf<float> {
  typedef float Vector __attribute__((vector_size(vector_bytes)));
  typedef std::uint32_t Integers __attribute__((vector_size(vector_bytes)));
};
template <>
struct SimdOf<double> {
  typedef double Vector __attribute__((vector_size(vector_bytes)));
  typedef std::uint64_t Integers __attribute__((vector_size(vector_bytes)));
};

template <class T>
using Vector = typename SimdOf<T>::Vector;
template <class T>
using Integers = typename SimdOf<T>::Integers;

template <class T>
inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

#define CROSSJOULE_INLINE inline __attribute__((always_inline))
/// v, of which the compiler knows no more than that it is in a register.
template <class T>
CROSSJOULE_INLINE Vector<T> hidden(Vector<T> v) {
#if defined(__x86_64__)
  asm("" : "+x"(v));
#elif defined(__aarch64__)
  asm("" : "+w"(v));
#endif
  return v;
}

/// Unaligned load and store; they become single instructions.
template <class T>
CROSSJOULE_INLINE Vector<T> load(T const* from) {
  Vector<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class T>
CROSSJOULE_INLINE void store(T* to, Vector<T> v) {
  std::memcpy(to, &v, sizeof v);
}
/// Numbers from `from`, zeros beyond `count`; `from` may be null if there are none.
template <class T>
CROSSJOULE_INLINE Vector<T> load_part(T const* from, std::int64_t count) {
  Vector<T> v{};
  if (count > 0) std::memcpy(&v, from, sizeof(T) * static_cast<std::size_t>(count));
  return v;
}
template <class T>
CROSSJOULE_INLINE void store_part(T* to, Vector<T> v, std::int64_t count) {
  std::memcpy(to, &v, sizeof(T) * static_cast<std::size_t>(count));
}
template <class T>
CROSSJOULE_INLINE Vector<T> splat(T value) {
  return value - Vector<T>{};  // x - 0 is x for every x, signed zeros included
}
/// The larger, the smaller of a bound and x; NaN stays NaN. One instruction each: the bound is
/// hidden from the compiler, which would compare with a constant first and select then.
template <class T>
CROSSJOULE_INLINE Vector<T> at_least(T bound, Vector<T> x) {
  Vector<T> const least = hidden<T>(splat(bound));
  return least > x ? least : x;
}
template <class T>
CROSSJOULE_INLINE Vector<T> at_most(T bound, Vector<T> x) {
  Vector<T> const most = hidden<T>(splat(bound));
  return most < x ? most : x;
}

/// Sum of the lanes in a fixed order: halves fold onto each other.
template <class T>
CROSSJOULE_INLINE T sum_of_lanes(Vector<T> v) {
  T part[lanes<T>];
  store(part, v);
  for (int width = lanes<T> / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) part[i] += part[i + width];
  return part[0];
}

}  // namespace crossjoule::kernels::cpu
