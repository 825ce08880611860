// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"

#include <cstdint>
#include <string>

namespace crossjoule::drivers {

/// Memory of this process now, and the most it has had, from /proc/self/status; 0 where that is not
/// there.
std::int64_t resident_bytes();
std::int64_t peak_resident_bytes();

/// The peak that this node's ranks will reach together when each, beside what it has now, takes
/// `more_bytes`: printed before the work begins. Error (bad_input), with the bytes and what to do
/// (`advice`), where less is free on the node or in this process's address space. Collective over
/// the node. Returns this rank's own peak.
std::int64_t predict_peak(std::string const& verb, std::int64_t more_bytes,
                          std::string const& advice, core::Comm const& comm);

}  // namespace crossjoule::drivers
