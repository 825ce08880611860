// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/h5file.hpp"
#include "core/quantity.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace crossjoule::core {

/// One network as records and JSON name it.
struct NetworkIdentity {
  std::string name, digest;
  std::int64_t params = 0, macs = 0;  ///< macs per sample
};

/// The file every verb leaves behind: /meta (format, verb, time, command), /input (the TOML
/// verbatim), /build, /system, and, for a run that failed, /error. Verbs add their groups through
/// file(); nothing is visible under the final name before commit().
class Record {
 public:
  static constexpr std::int64_t format_version = 1;

  /// Starts the file at once, so that an output that exists or cannot be written is refused before
  /// any work is done. Call it on rank 0 alone.
  Record(std::filesystem::path const& path, std::string_view verb, Config const& config,
         Overwrite overwrite);

  H5File& file() { return file_; }
  /// /graph: name, digest, params, macs as attributes and the text form as /graph/text.
  void network(NetworkIdentity const& network, std::string_view text_form);
  /// A figure as attributes low, value, high, kind, unit, description of the group `name`.
  template <class U>
  void quantity(std::string const& name, Quantity<U> const& figure, std::string_view description) {
    write_quantity(name, figure.low.value, figure.value.value, figure.high.value, figure.kind,
                   unit_symbol(figure.value), description);
  }
  /// Write /error and commit: what a failed run leaves under `<stem>.failed.h5`.
  static void leave_error(std::filesystem::path const& path, std::string_view verb,
                          Config const& config, int exit_code, std::string_view message);
  void commit() { file_.commit(); }

 private:
  void write_quantity(std::string const& name, double low, double value, double high, Kind kind,
                      std::string_view unit, std::string_view description);
  H5File file_;
};

/// The network of a record, for verbs that go on to compute with it: every digest of the file is
/// checked first. Error (bad_input) naming the file where it holds none, (damaged) where a number
/// is not the one that was written.
NetworkIdentity read_network(H5File const& file);

}  // namespace crossjoule::core
