// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <Kokkos_Core.hpp>  // nowhere else: with CUDA on, whoever sees this is compiled as CUDA
#include <type_traits>

namespace crossjoule::kernels {

#if KOKKOS_VERSION < 30700  // math functions left Kokkos::Experimental in 3.7
using Kokkos::Experimental::erf;
using Kokkos::Experimental::exp;
using Kokkos::Experimental::expm1;
using Kokkos::Experimental::isfinite;
using Kokkos::Experimental::log1p;
using Kokkos::Experimental::sqrt;
using Kokkos::Experimental::tanh;
#else
using Kokkos::erf;
using Kokkos::exp;
using Kokkos::expm1;
using Kokkos::isfinite;
using Kokkos::log1p;
using Kokkos::sqrt;
using Kokkos::tanh;
#endif

/// The space of CPU ranks: Kokkos' Serial or OpenMP.
using HostSpace = Kokkos::DefaultHostExecutionSpace;
template <class Space>
inline constexpr bool is_host = std::is_same_v<Space, HostSpace>;

// Every kernel is instantiated once for each space of this build and each of float and double.
#ifdef KOKKOS_ENABLE_CUDA
#define CROSSJOULE_FOR_SPACES(MACRO)              \
  MACRO(::crossjoule::kernels::HostSpace, float)  \
  MACRO(::crossjoule::kernels::HostSpace, double) \
  MACRO(::Kokkos::Cuda, float)                    \
  MACRO(::Kokkos::Cuda, double)
#else
#define CROSSJOULE_FOR_SPACES(MACRO)             \
  MACRO(::crossjoule::kernels::HostSpace, float) \
  MACRO(::crossjoule::kernels::HostSpace, double)
#endif

}  // namespace crossjoule::kernels
