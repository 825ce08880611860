// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/account.hpp"
#include "meter/trace.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::meter {

/// Logs that other tools leave.
enum class LogFormat {
  nvidia_smi,      ///< nvidia-smi --query-gpu=timestamp,index,power.draw --format=csv
  sacct,           ///< sacct --parsable2 -o JobID,Elapsed,ConsumedEnergyRaw,NodeList
  slurm_profile,   ///< Slurm's acct_gather_profile/hdf5
  perun,           ///< perun's HDF5 result
  tegrastats,      ///< NVIDIA Jetson's tegrastats
  codecarbon,      ///< CodeCarbon's emissions.csv
  impact_tracker,  ///< experiment-impact-tracker's data.json (meter/impact_tracker.hpp)
  load_profile,    ///< CodeCarbon's CPU load profiling (meter/naive.hpp)
  trace,           ///< our own CSV (meter/trace.hpp)
  record,          ///< a record of ours
};
std::string_view to_string(LogFormat format);
/// The inverse of to_string; Error (bad_input) for any other text.
LogFormat log_format_from(std::string_view text);
/// By extension and first bytes; Error (bad_input) for a log of no known form.
LogFormat guess_log_format(std::filesystem::path const& file);

struct ImportOptions {
  std::optional<LogFormat> format;  ///< unset: guessed
  std::int64_t zone_offset_s = 0;   ///< east of UTC, of stamps without a zone
  double interval_s = 1;            ///< between lines of tegrastats without stamps
  double gain = 0.05;               ///< accuracy (k = 2) to assume of a log that states none
};

/// A log as the meter's own books: one account per node (or per row, for tools that write totals).
struct Import {
  LogFormat format = LogFormat::trace;
  std::vector<NodeAccount> nodes;
  std::vector<std::string> remarks;  ///< what was dropped, doubted or assumed
  /// Mean load of all hardware threads by the command's own CPU time, 0 to 1; what a record of
  /// `meter` knows.
  std::optional<double> load = {};
};

/// Reads a log of any format above but impact_tracker and load_profile. Rows that cannot be read,
/// repeats and stamps out of order are dropped and counted; gaps lower the coverage and widen the
/// interval. Errors: bad_input.
Import import_log(std::filesystem::path const& file, ImportOptions const& options);

/// The same from text, for the formats that are text.
Import import_text(std::string_view text, LogFormat format, std::string const& name,
                   ImportOptions const& options);

/// Adds recorded channels up as the meter would have: counters by difference, powers by the
/// trapezium rule.
NodeAccount account_of(std::string host, std::vector<TraceChannel> const& channels,
                       std::string headline);

namespace detail {
Import import_perun(std::filesystem::path const& file, ImportOptions const& options);
/// A record of ours: its ledger as it was written.
Import import_record(std::filesystem::path const& file);
Import import_slurm_profile(std::filesystem::path const& file, ImportOptions const& options);
/// A device that is known by its total alone.
TraceChannel total_channel(std::string id, DeviceClass device, double joule, double second,
                           double gain);
/// Whole small text file; Error (bad_input) where absent or above 256 MB.
std::string read_log(std::filesystem::path const& file);
}  // namespace detail

}  // namespace crossjoule::meter
