// SPDX-License-Identifier: BSD-3-Clause
// What the readers of text logs share: rows of powers become channels, channels a node.
#pragma once

#include "meter/imports.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossjoule::meter::detail {

using Row = std::vector<std::string>;

/// Adds one reading; keeps stamps rising and counts what does not.
void add_power(TraceChannel& channel, std::optional<std::int64_t> stamp,
               std::optional<double> watt);

/// A channel of powers in W, integrated.
SensorInfo power_info(std::string id, DeviceClass device, double gain);

/// Says how many rows of a channel were dropped, and why.
void tell_faults(Import& import, TraceChannel const& channel);

/// Makes the node of these channels. Error (bad_input) where none has a reading; `name` is the log.
void finish(Import& import, std::string const& host, std::map<std::string, TraceChannel>& channels,
            std::string const& name, std::string const& headline);

/// `tegrastats`: rails of a Jetson, one line a moment, with stamps or without.
Import import_tegrastats(std::string_view text, std::string const& name,
                         ImportOptions const& options);

}  // namespace crossjoule::meter::detail
