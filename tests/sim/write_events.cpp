// SPDX-License-Identifier: BSD-3-Clause
// `sim_write_events PATH EVENTS`: writes a background file on all ranks, for same_bytes.sh.
#include "core/error.hpp"
#include "sim/world/events/writer.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  using namespace crossjoule;
  if (argc != 3) return 2;
  auto const comm = core::Comm::world();
  sim::events::FileRequest request;
  request.path = argv[1];
  request.events = std::atoll(argv[2]);
  sim::events::write_events(request, core::Overwrite::yes, comm);
  return 0;
}
