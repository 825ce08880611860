// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "core/table.hpp"

#include <string>
#include <vector>

namespace crossjoule::drivers {

/// A group whose arrays of rank 1 and equal length are the columns of one table.
struct NamedTable {
  std::string group;
  core::Table table;
};

/// What --csv extracts: /result/points of a record that has it, else every table below /result (of
/// a file of others: anywhere). All digits of every number; headings are "name [unit]".
std::vector<NamedTable> find_tables(core::H5File const& file);

/// The points of a record as people read them: a table, and below it what its figures leave out.
std::string points_text(core::H5File const& file);

}  // namespace crossjoule::drivers
