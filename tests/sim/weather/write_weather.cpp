// SPDX-License-Identifier: BSD-3-Clause
// `sim_write_weather PATH YEARS`: writes a small data set on all ranks, for same_bytes.sh.
#include "sim/world/weather/data_set.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  using namespace crossjoule;
  if (argc != 3) return 2;
  auto const comm = core::Comm::world();
  sim::weather::DataSetRequest request;
  request.path = argv[1];
  request.lat = 16;
  request.lon = 32;
  request.truncation = 10;
  request.time_step_s = 3600;
  request.climate.year_days = 2;
  request.train_years = std::atoi(argv[2]);
  request.spin_up_days = 1;
  sim::weather::write_data_set(request, core::Overwrite::yes, comm);
  return 0;
}
