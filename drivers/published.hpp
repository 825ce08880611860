// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/config.hpp"
#include "core/quantity.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crossjoule::drivers {

/// A figure that others published, printed under the table and never joined with it.
struct PublishedRow {
  std::string platform, network, precision;
  std::string digest;  ///< of the graph, where the network is known exactly; "" where it is not
  core::Quantity<core::Seconds> latency, seconds_per_sample;
  core::Quantity<core::Joules> joules_per_sample;
  std::string boundary, note, citation;
  std::string reading;  ///< "primary": read in the cited work; "secondary": as quoted by another

  bool same_network(std::string const& graph_digest) const {
    return !digest.empty() && digest == graph_digest;
  }
};

/// The `[[row]]` tables of a TOML file. Error (bad_input) with file and line for a row without
/// platform, network, citation or any figure, for a figure without unit, or with low > high.
std::vector<PublishedRow> read_published(std::filesystem::path const& path);
std::vector<PublishedRow> read_published(core::Config config);

}  // namespace crossjoule::drivers
