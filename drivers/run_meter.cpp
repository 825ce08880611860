// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/run_meter.hpp"

#include <algorithm>
#include <span>

namespace crossjoule::drivers {

meter::MeterOptions options_for(meter::MeterOptions options, kernels::Session const& session,
                                core::Comm const& comm) {
  if (session.device() == kernels::Device::cuda) options.chip = meter::Chip::gpu;
  auto const mine = std::as_bytes(std::span(session.gpu()));
  for (auto const& name : comm.node().all_gather(mine)) {
    if (name.empty()) continue;  // a rank on CPUs
    std::string id = "gpu-" + std::string(reinterpret_cast<char const*>(name.data()), name.size());
    if (std::ranges::count(options.used_gpus, id) == 0) options.used_gpus.push_back(std::move(id));
  }
  return options;
}

}  // namespace crossjoule::drivers
