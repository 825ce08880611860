// SPDX-License-Identifier: BSD-3-Clause
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"
#include "drivers/verify_compare.hpp"
#include "kernels/session.hpp"
#include "models/cost.hpp"
#include "runtime/reference_file.hpp"

namespace crossjoule::drivers {
namespace {

struct Report {
  std::string file;
  core::NetworkIdentity network;
  std::int64_t batch = 0;
  std::vector<Comparison> comparisons;
  std::size_t failures() const {
    std::size_t count = 0;
    for (Comparison const& comparison : comparisons) count += comparison.passed() ? 0 : 1;
    return count;
  }
};

Report verify_file(std::filesystem::path const& path) {
  auto const file = runtime::read_reference_file(path);
  return {path.string(), models::identity(file.graph), file.batch, compare(file)};
}

void print_table(Report const& report) {
  fmt::print("{}: {}, {} parameters, batch {}\n", report.file, report.network.name,
             report.network.params, report.batch);
  core::Table table({"dataset", "precision", "error", "tolerance", "verdict"});
  for (Comparison const& row : report.comparisons)
    table.row({row.dataset, row.precision, fmt::format("{:.1e}", row.error),
               fmt::format("{:.0e}", row.allowed), row.passed() ? "ok" : "FAILED"});
  fmt::print("{}", table.text());
  if (report.failures() == 0)
    fmt::print("all {} comparisons within tolerance\n", report.comparisons.size());
  else
    fmt::print("{} of {} comparisons beyond tolerance\n", report.failures(),
               report.comparisons.size());
}

Json to_json(Report const& report) {
  Json rows = Json::array();
  for (Comparison const& row : report.comparisons)
    rows.push(Json::object()
                  .set("dataset", row.dataset)
                  .set("precision", row.precision)
                  .set("error", row.error)
                  .set("tolerance", row.allowed)
                  .set("passed", row.passed()));
  return Json::object()
      .set("verb", "verify")
      .set("file", report.file)
      .set("network", drivers::to_json(report.network))
      .set("batch", report.batch)
      .set("passed", report.failures() == 0)
      .set("comparisons", rows);
}

}  // namespace

/// `crossjoule verify FILE.h5`: run the network of a reference file in fp64 and fp32 on the CPU and
/// compare with the numbers the file holds. Exit code 1 if any lies beyond its tolerance.
core::ExitCode verify(Call& call, core::Comm const& comm) {
  if (!call.go()) return core::ExitCode::ok;
  VALIDATE(call.files.size() == 1,
           "verify takes one reference file ({} were named) type: crossjoule verify FILE.h5",
           call.files.size());
  kernels::Session const session(kernels::Device::cpu);
  Report const report = verify_file(call.files.front());
  if (comm.is_root()) {
    if (call.format == Call::Format::json)
      fmt::print("{}\n", to_json(report).dump());
    else
      print_table(report);
  }
  return report.failures() == 0 ? core::ExitCode::ok : core::ExitCode::check_failed;
}

}  // namespace crossjoule::drivers
