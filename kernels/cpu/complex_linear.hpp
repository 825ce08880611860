// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/cpu/dense.hpp"

#include <cstdint>

/// Complex layers as real products, one thread, plain pointers.
namespace crossjoule::kernels::cpu {

/// The weights of one block: (inputs, outputs), real and imaginary.
template <class T>
struct ComplexBlock {
  std::int64_t inputs = 0, outputs = 0;
  T const *real = nullptr, *imaginary = nullptr;
  T const *real_bias = nullptr, *imaginary_bias = nullptr;  ///< (outputs), or both null
};

/// Pack [[W0, W1], [-W1, W0]] for products with rows [xr xi]: packed_size(2 outputs, 2 inputs).
template <class T>
void pack_complex(ComplexBlock<T> const& block, T* packed);
/// Pack its transpose for rows [dyr dyi], heads 0: packed_size(2 inputs, 2 outputs).
template <class T>
void pack_complex_transposed(ComplexBlock<T> const& block, T* packed);

/// multiply() for a y whose columns end where somebody else's begin: nothing beyond them is
/// touched, whatever y_stride says. Slower: for strides that no plan uses.
template <class T>
void multiply_within(Product<T> const& product);

/// From the product [xr xi]^T [dyr dyi] (2 inputs, 2 outputs) to the gradients of W0 and W1.
template <class T>
void complex_weight_gradient(std::int64_t inputs, std::int64_t outputs, T const* product, Into into,
                             T* dreal, T* dimaginary);

}  // namespace crossjoule::kernels::cpu
