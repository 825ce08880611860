// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/plan/program.hpp"

namespace crossjoule::runtime {

/// Fill in which gradients flow, who writes first, and where a derivative can ride on a product.
void plan_gradients(Program& program, Program::Gradients gradients);

}  // namespace crossjoule::runtime
