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

/// The tables of a file below /result (of a file of others: anywhere), /result/points first. All
/// digits of every number; headings are "name [unit]".
std::vector<NamedTable> find_tables(core::H5File const& file);

/// The points of a record as people read them.
core::Table points_table(core::H5File const& file);

}  // namespace crossjoule::drivers
