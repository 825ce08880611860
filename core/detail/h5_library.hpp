// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mutex>

namespace crossjoule::core::detail {

/// Start the HDF5 library once, in the way we need it: no cleanup at exit (it crashes after a
/// failed write), no messages of its own, no filter plug-ins; and let a write beyond a file-size
/// limit fail instead of killing the process.
void start_h5();
/// A write beyond RLIMIT_FSIZE then fails with EFBIG; a handler that somebody set is left alone.
void ignore_file_size_signal();

/// Held during every call of HDF5, which as distributed is not safe for threads: a prefetching
/// thread reads while another one writes a checkpoint. May be taken again by the same thread.
class H5Guard {
 public:
  H5Guard();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace crossjoule::core::detail
