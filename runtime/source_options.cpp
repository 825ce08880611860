// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/source.hpp"

namespace crossjoule::runtime {

SourceOptions read_source_options(core::Config table, SourceOptions const& defaults) {
  constexpr auto all = std::numeric_limits<std::int64_t>::max();
  SourceOptions options = defaults;
  std::vector<std::string> files;
  for (auto const& file : defaults.files) files.push_back(file.string());
  files = table.take("files", files, "HDF5 files, joined in this order");
  options.files.assign(files.begin(), files.end());
  options.dataset =
      table.take("dataset", defaults.dataset.c_str(), "events (N, 19, 4), or any (N, features)");
  options.layout = table.take_choice("layout", defaults.layout, "features of a row: docs/events.md",
                                     layout_names());
  auto split = table.section(
      "split", "which rows: i with i mod modulo in remainders, then count from first on");
  options.split.modulo =
      split.take("modulo", defaults.split.modulo, "1: every row", {1, 1'000'000});
  options.split.remainders =
      split.take("remainders", defaults.split.remainders, "[]: every row; else below modulo",
                 {0, options.split.modulo - 1});
  options.split.first =
      split.take("first", defaults.split.first, "rows left out at the beginning", {0, all});
  std::int64_t const count = split.take("count", std::int64_t{0}, "0: all that are left", {0, all});
  options.split.count = count == 0 ? defaults.split.count : count;
  return options;
}

}  // namespace crossjoule::runtime
