// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::kernels {

/// Does a gradient replace what is there or add to it (a value or parameter with several readers)?
enum class Gradient { replace, add };

}  // namespace crossjoule::kernels
