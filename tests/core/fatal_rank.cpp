// SPDX-License-Identifier: BSD-3-Clause
// Rank 1 fails while the others wait for it in a collective call: the job must end, not hang.
#include "core/comm.hpp"
#include "core/error.hpp"

#include <cstdio>

int main() {
  using namespace crossjoule::core;
  Comm const comm = Comm::world();
  try {
    VALIDATE_AS(ExitCode::non_finite, comm.rank() != 1,
                "loss is NaN (planted by the test) look at step {}", 7);
    comm.barrier();
  } catch (Error const& error) {
    fmt::print(stderr, "rank {}: {}\n", comm.rank(), error.what());
    comm.abort(static_cast<int>(error.code()));
  }
}
