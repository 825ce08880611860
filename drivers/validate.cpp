// SPDX-License-Identifier: BSD-3-Clause
// `crossjoule validate`: recompute published figures; exit code 1 when a row leaves its band.
#include "aimc/validation.hpp"

#include "aimc/presets.hpp"
#include "core/text_file.hpp"
#include "drivers/validate_print.hpp"
#include "drivers/verbs.hpp"

#include <fmt/core.h>

namespace crossjoule::drivers {
namespace {

/// The sheet of the binary where it is wanted, and what the configuration adds to it.
aimc::ValidationSheet take_sheet(core::Config& config) {
  auto const with_published =
      config.take("published", true, "recompute the figures that come with the program");
  auto own = aimc::read_sheet(config);
  if (!with_published) return own;
  auto embedded = core::Config::from_text(aimc::published_sheet(), "published figures");
  auto sheet = aimc::read_sheet(embedded);
  sheet.networks.insert(sheet.networks.end(), own.networks.begin(), own.networks.end());
  sheet.rows.insert(sheet.rows.end(), own.rows.begin(), own.rows.end());
  sheet.table_only.insert(sheet.table_only.end(), own.table_only.begin(), own.table_only.end());
  return sheet;
}

/// Rows of one chip alone where `only` names it.
void keep(aimc::ValidationSheet& sheet, std::string const& only) {
  if (only.empty()) return;
  std::erase_if(sheet.rows,
                [&](aimc::ValidationRow const& row) { return row.chip != only && row.id != only; });
  std::erase_if(sheet.table_only,
                [&](aimc::TableOnly const& row) { return row.id.rfind(only + "/", 0) != 0; });
  VALIDATE(!sheet.rows.empty(),
           "no row of chip \"{}\" (the key only keeps the rows of one chip or one id) name another",
           only);
}

}  // namespace

core::ExitCode validate(Call& call, core::Comm const& comm) {
  auto const only = call.config.take("only", "", "recompute the rows of this chip or id alone");
  auto const files = call.config.take("chip_files", std::vector<std::string>{},
                                      "chip files of your own, for rows that name their chips");
  auto const markdown =
      call.config.take("markdown", "", "write the table as a page of documentation to this file");
  auto const band_scale = call.config.take<double>(
      "band_scale", 1.0, "every band times this: below 1 to see what would fail", {0, 1e6});
  auto sheet = take_sheet(call.config);
  if (!call.go() || !comm.is_root()) return core::ExitCode::ok;

  keep(sheet, only);
  VALIDATE(!sheet.rows.empty(),
           "no row to validate (published = false and no [[row]]) add one or drop the key");
  for (auto& row : sheet.rows) row.band *= band_scale;
  std::vector<aimc::Chip> chips;
  for (auto const& file : files) chips.push_back(aimc::chip_from_file(file));
  auto const results = aimc::validate(sheet, chips);
  if (!markdown.empty())
    core::write_text_file(markdown, validation_markdown(results, sheet.table_only), call.overwrite);
  if (call.format == Call::Format::json)
    fmt::print("{}\n", validation_json(results, sheet.table_only).dump());
  else
    fmt::print("{}", validation_text(results, sheet.table_only));
  return all_passed(results) ? core::ExitCode::ok : core::ExitCode::check_failed;
}

}  // namespace crossjoule::drivers
