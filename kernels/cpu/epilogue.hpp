// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/expm1.hpp"
#include "kernels/cpu/simd.hpp"
#include "kernels/epilogue.hpp"

namespace crossjoule::kernels::cpu {

/// Apply an epilogue to one vector; `result_of` points at the activation's results (gradients
/// only).
template <class T, Epilogue epilogue>
CROSSJOULE_INLINE Vector<T> apply(Vector<T> x, [[maybe_unused]] T const* result_of,
                                  [[maybe_unused]] T alpha) {
  [[maybe_unused]] Vector<T> const zero{};
  if constexpr (epilogue == Epilogue::relu) {
    return zero > x ? zero : x;  // one max instruction; NaN passes through
  } else if constexpr (epilogue == Epilogue::elu) {
    return x > zero ? x : alpha * expm1_of_negative<T>(x);
  } else if constexpr (epilogue == Epilogue::relu_gradient) {
    return load(result_of) > zero ? x : zero;
  } else if constexpr (epilogue == Epilogue::elu_gradient) {
    Vector<T> const y = load(result_of);
    return y > zero ? x : x * (y + alpha);
  } else {
    return x;
  }
}

}  // namespace crossjoule::kernels::cpu
