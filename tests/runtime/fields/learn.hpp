// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/h5file.hpp"
#include "runtime/fields/field_statistics.hpp"
#include "runtime/fields/statistics_file.hpp"

#include <filesystem>
#include <span>

namespace crossjoule::runtime::testing {

/// Statistics of a range into a folder, as the verb leaves them.
inline FieldStatistics learn(FieldFiles const& files, TimeRange const& range, Cycle cycle,
                             std::filesystem::path const& folder) {
  auto const plan = plan_statistics(files, range, cycle);
  auto file = core::H5File::create(folder / statistics_file_name);
  begin_climatology(file, files, plan);
  StatisticsHooks hooks;
  hooks.on_bin = [&](auto const&, std::span<float const> mean) {
    file.write_rows<float>("/climatology/values", mean);
  };
  auto result = compute_statistics(files, plan, core::Comm::serial(), hooks);
  write_statistics(file, files, plan, result);
  file.commit();
  return result;
}

}  // namespace crossjoule::runtime::testing
