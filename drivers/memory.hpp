// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/h5file.hpp"

#include <cstdint>
#include <string>

namespace crossjoule::drivers {

/// Memory of this process now, and the most it has had, from /proc/self/status; 0 where that is not
/// there.
std::int64_t resident_bytes();
std::int64_t peak_resident_bytes();

/// From now on blocks of a megabyte and more are mapped one by one and returned when they are
/// freed, whatever was freed before: what is held is what is resident, and a prediction can be met.
/// For the beginning of a verb that predicts; predict_peak() does it too.
void give_back_large_blocks();

/// The peak that this node's ranks will reach together when each, beside what it has now (the
/// program and its libraries) and what these will still touch, takes `more_bytes`: resident memory,
/// as VmHWM of /proc/self/status counts it, printed before the work begins. Error (bad_input), with
/// the bytes and what to do
/// (`advice`), where less is free on the node or in this process's address space. Collective over
/// the node. Returns this rank's own peak.
std::int64_t predict_peak(std::string const& verb, std::int64_t more_bytes,
                          std::string const& advice, core::Comm const& comm);

/// After the work: print this process's peak beside what predict_peak() has said, and keep both as
/// attributes predicted_peak_bytes and peak_resident_bytes of /timing in its record.
void report_peak(core::H5File& record, std::int64_t predicted_bytes);

}  // namespace crossjoule::drivers
