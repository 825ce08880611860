// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"
#include "core/version.hpp"

namespace crossjoule::core {

Facts build_facts() {
  return {{"version", version::number},
          {"commit", version::commit},
          {"compiler", version::compiler},
          {"build_type", version::build_type},
          {"flags", version::flags},
          {"host_tuning", version::host_tuning},
          {"sanitizers", version::sanitizers},
          {"mpi", version::mpi},
          {"hdf5", version::hdf5},
          {"kokkos", version::kokkos},
          {"blas", version::blas}};
}

}  // namespace crossjoule::core
