// SPDX-License-Identifier: BSD-3-Clause
// What ends a job of several ranks. `fatal_rank error`: rank 1 fails while the others wait for it
// in a collective call; the job must end, not hang. `fatal_rank full FILE`: rank 0 meets a full
// disk and all ranks leave in the normal way, through MPI_Finalize; nothing may crash there.
#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/h5file.hpp"

#include <sys/resource.h>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

using namespace crossjoule::core;

void write_on_a_full_disk(char const* path) {
  rlimit const limit{20'000, 20'000};
  setrlimit(RLIMIT_FSIZE, &limit);
  H5File file = H5File::create(path);
  file.write("/x", std::vector<double>(100'000, 1.5), {"1", "numbers"});
  file.commit();
}

}  // namespace

int main(int argc, char** argv) {
  Comm const comm = Comm::world();
  bool const disk_full = argc == 3 && std::string_view(argv[1]) == "full";
  try {
    if (disk_full && comm.is_root()) write_on_a_full_disk(argv[2]);
    VALIDATE_AS(ExitCode::non_finite, disk_full || comm.rank() != 1,
                "loss is NaN (planted by the test) look at step {}", 7);
    comm.barrier();
  } catch (Error const& error) {
    fmt::print(stderr, "rank {}: {}\n", comm.rank(), error.what());
    if (!disk_full) comm.abort(static_cast<int>(error.code()));
    comm.barrier();
    return static_cast<int>(error.code());
  }
}
