// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/linear.hpp"
#include "kernels/portable/cublas.hpp"
#include "kernels/views.hpp"

namespace crossjoule::kernels::portable {

enum class Operand { as_is, transposed };

/// c (m, n) = a' b', or added to c; ' transposes where the operand says so. All row-major. cuBLAS
/// on CUDA, a plain loop per number elsewhere.
template <class Space, class T>
void gemm(Space const& space, Operand a_is, Rows<Space, T const> a, Operand b_is,
          Rows<Space, T const> b, Gradient into, Rows<Space, T> c) {
  std::int64_t const depth = a_is == Operand::as_is ? a.extent(1) : a.extent(0);
#ifdef KOKKOS_ENABLE_CUDA
  if constexpr (std::is_same_v<Space, Kokkos::Cuda>) {
    // cuBLAS counts by columns: it sees our matrices transposed, so the operands change places
    return cublas_gemm(space, b_is == Operand::transposed, a_is == Operand::transposed,
                       static_cast<int>(c.extent(1)), static_cast<int>(c.extent(0)),
                       static_cast<int>(depth), b.data(), static_cast<int>(stride_of(b)), a.data(),
                       static_cast<int>(stride_of(a)), into == Gradient::add, c.data(),
                       static_cast<int>(stride_of(c)));
  }
#endif
  bool const a_turned = a_is == Operand::transposed, b_turned = b_is == Operand::transposed;
  bool const adds = into == Gradient::add;
  Kokkos::parallel_for(
      "kernels::gemm",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>, Kokkos::IndexType<std::int64_t>>(
          space, {{0, 0}},
          {{static_cast<std::int64_t>(c.extent(0)), static_cast<std::int64_t>(c.extent(1))}}),
      KOKKOS_LAMBDA(std::int64_t const i, std::int64_t const j) {
        T sum = adds ? c(i, j) : T{0};
        for (std::int64_t k = 0; k < depth; ++k)
          sum += (a_turned ? a(k, i) : a(i, k)) * (b_turned ? b(j, k) : b(k, j));
        c(i, j) = sum;
      });
}

}  // namespace crossjoule::kernels::portable
