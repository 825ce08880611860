// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/kokkos.hpp"

namespace crossjoule::kernels::portable {

#ifdef KOKKOS_ENABLE_CUDA
/// c = a' b' (or added to c) by cuBLAS, column-major, on the stream of `space`, in full fp32 or
/// fp64 (no TF32), with a workspace of our own so that a step allocates nothing and repeats its
/// bits.
template <class T>
void cublas_gemm(Kokkos::Cuda const& space, bool a_transposed, bool b_transposed, int m, int n,
                 int k, T const* a, int a_stride, T const* b, int b_stride, bool adds, T* c,
                 int c_stride);
#endif

}  // namespace crossjoule::kernels::portable
