// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace crossjoule::core::detail {

/// Start the HDF5 library once, in the way we need it: no cleanup at exit (it crashes after a
/// failed write), no messages of its own, no filter plug-ins; and let a write beyond a file-size
/// limit fail instead of killing the process.
void start_h5();
/// A write beyond RLIMIT_FSIZE then fails with EFBIG; a handler that somebody set is left alone.
void ignore_file_size_signal();

}  // namespace crossjoule::core::detail
