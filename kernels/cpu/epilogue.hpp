// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/expm1.hpp"
#include "kernels/cpu/gelu.hpp"
#include "kernels/cpu/simd.hpp"
#include "kernels/epilogue.hpp"

namespace crossjoule::kernels::cpu {

/// Apply an epilogue to one vector; `operand` points at what its derivative is computed from
/// (gradients only).
template <class T, Epilogue epilogue>
CROSSJOULE_INLINE Vector<T> apply(Vector<T> x, [[maybe_unused]] T const* operand,
                                  [[maybe_unused]] T alpha) {
  [[maybe_unused]] Vector<T> const zero{};
  if constexpr (epilogue == Epilogue::relu) {
    return at_least<T>(0, x);
  } else if constexpr (epilogue == Epilogue::elu) {
    return x > zero ? x : alpha * expm1_of_negative<T>(x);
  } else if constexpr (epilogue == Epilogue::gelu) {
    return gelu<T>(x);
  } else if constexpr (epilogue == Epilogue::soft_shrink) {
    return x - at_most<T>(alpha, at_least<T>(-alpha, x));  // NaN - NaN: passes through
  } else if constexpr (epilogue == Epilogue::leaky_relu) {
    return x > zero ? x : x * alpha;
  } else if constexpr (epilogue == Epilogue::relu_gradient) {
    return load(operand) > zero ? x : zero;
  } else if constexpr (epilogue == Epilogue::elu_gradient) {
    Vector<T> const y = load(operand);
    return y > zero ? x : x * (y + alpha);
  } else if constexpr (epilogue == Epilogue::gelu_gradient) {
    return x * gelu_derivative<T>(load(operand));
  } else if constexpr (epilogue == Epilogue::soft_shrink_gradient) {
    return load(operand) == zero ? zero : x;
  } else if constexpr (epilogue == Epilogue::leaky_relu_gradient) {
    return load(operand) > zero ? x : x * alpha;
  } else {
    return x;
  }
}

}  // namespace crossjoule::kernels::cpu
