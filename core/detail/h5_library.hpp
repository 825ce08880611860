// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::core::detail {

/// Start the HDF5 library once, in the way we need it: no cleanup at exit (it crashes after a
/// failed write), no messages of its own, no filter plug-ins; and let a write beyond a file-size
/// limit fail instead of killing the process.
void start_h5();

}  // namespace crossjoule::core::detail
