// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "kernels/session.hpp"

#include <memory>

namespace crossjoule::tests {

/// The test binary's one session on the CPU; whoever runs kernels holds it.
inline std::shared_ptr<kernels::Session> session() {
  static auto const shared = std::make_shared<kernels::Session>(kernels::Device::cpu);
  return shared;
}

}  // namespace crossjoule::tests
