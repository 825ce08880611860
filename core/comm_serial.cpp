// SPDX-License-Identifier: BSD-3-Clause
// Comm::world() of a build without MPI: one rank, and an error where a launcher started several.
#include "core/comm.hpp"
#include "core/detail/comm_handle.hpp"
#include "core/error.hpp"

namespace crossjoule::core {

Comm Comm::world() {
  int const promised = detail::ranks_promised_by_launcher();
  VALIDATE_AS(
      ExitCode::missing, promised <= 1,
      "{} ranks were launched (this build has no MPI) start one, or build with CROSSJOULE_MPI=ON",
      promised);
  return serial();
}

}  // namespace crossjoule::core
