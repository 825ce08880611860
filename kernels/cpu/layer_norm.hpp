// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/pointwise.hpp"

#include <cstdint>

/// Layer normalisation of one thread on plain pointers; kernels/layer_norm.hpp has the formulas.
namespace crossjoule::kernels::cpu {

template <class T>
void layer_norm(Matrix<T const> x, T const* gain, T const* bias, T epsilon, Matrix<T> y);

template <class T>
struct LayerNormGradient {
  Matrix<T const> x;
  T const* gain;
  T epsilon;
  Matrix<T const> dy;
  Matrix<T> dx;  ///< without data: not wanted
  Into into;     ///< of dx
  T* sums;       ///< (2, columns): dgain and dbias of these rows in rising order, replaced; or null
};
template <class T>
void layer_norm_gradient(LayerNormGradient<T> const& g);

}  // namespace crossjoule::kernels::cpu
