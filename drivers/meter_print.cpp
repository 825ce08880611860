// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/meter_print.hpp"

#include "core/table.hpp"
#include "drivers/json.hpp"
#include "meter/cross_check.hpp"

#include <fmt/format.h>

namespace crossjoule::drivers {
namespace {

std::string joined(std::vector<std::string> const& words) {
  std::string text;
  for (auto const& word : words) text += (text.empty() ? "" : " ") + word;
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

std::string figure_line(char const* name, core::Quantity<core::Joules> const& joules,
                        std::string const& remark) {
  if (!joules.present()) return fmt::format("  {:9} -  {}\n", name, remark);
  return fmt::format("  {:9} {}  {}  {}\n", name, core::with_interval(joules),
                     core::to_string(joules.kind), remark);
}

/// Joules of a device while the command ran: the meter's own start and the idle baselines are no
/// part of them.
core::Quantity<core::Joules> of_command(meter::NodeAccount const& account, std::size_t k) {
  for (auto const& region : account.ledger.regions)
    if (region.name == "command" && k < region.joules.size()) return region.joules[k];
  return account.ledger.total[k];
}

double command_second(meter::NodeAccount const& account) {
  for (auto const& region : account.ledger.regions)
    if (region.name == "command") return region.seconds.value;
  return 0;
}

std::string device_table(meter::NodeAccount const& account) {
  core::Table table({"device", "energy", "mean power", "kind", "use", "faults"});
  auto const& ledger = account.ledger;
  double const second = command_second(account);
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    auto const& device = ledger.devices[k];
    auto const& flow = ledger.flows[k];
    auto const total = of_command(account, k);
    std::string faults;
    for (auto const& [name, count] :
         {std::pair{"failed", flow.failed}, {"resets", flow.resets}, {"gaps", flow.gaps}})
      if (count > 0) faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", count, name);
    bool const has_power = total.present() && second > 0;
    table.row({device.info.id, core::with_interval(total),
               has_power ? core::si(total.value.value / second, "W") : "-",
               std::string(core::to_string(total.present() ? device.kind : core::Kind::absent)),
               device.use == meter::Use::counted ? "counted" : "cross-check", faults});
  }
  return table.rows() > 0 ? table.text() : "";
}

double measured_share(meter::NodeAccount const& account) {
  double measured = 0, all = 0;
  auto const& ledger = account.ledger;
  for (std::size_t k = 0; k < ledger.devices.size(); ++k) {
    if (ledger.devices[k].use != meter::Use::counted || !ledger.total[k].present()) continue;
    all += ledger.total[k].value.value;
    if (core::is_measured(ledger.devices[k].kind)) measured += ledger.total[k].value.value;
  }
  return all > 0 ? measured / all : 0;
}

}  // namespace

std::string summary(Metered const& metered) {
  auto const& energy = metered.energy;
  std::string text =
      fmt::format("crossjoule meter: {} ran {:.3f} s, exit code {}\n", joined(metered.command),
                  energy.duration.value, metered.ended.status);
  if (!energy.is_reader)
    return text + "  not the reader of this node: another process of the job tells its energy\n";
  text += fmt::format("  {}\n", energy.source);
  text += figure_line("system", energy.system, "");
  text += figure_line("chip", energy.chip, "");
  if (energy.idle_system.present()) {
    text += figure_line("idle part", energy.idle_system, "");
    if (energy.system.present())
      text +=
          fmt::format("  dynamic   {}\n",
                      core::si(energy.system.value.value - energy.idle_system.value.value, "J"));
  }
  text += device_table(metered.account);
  std::string boards;
  for (auto const& some : metered.account.ledger.accelerators())
    boards += fmt::format("{}{} {} ({})", boards.empty() ? "" : "; ", some.count,
                          meter::to_string(some.standing), core::with_interval(some.energy));
  if (!boards.empty()) text += "  accelerators: " + boards + "\n";
  text += fmt::format(
      "  measured share {:.0f} %, coverage {:.1f} %{}\n", 100 * measured_share(metered.account),
      100 * energy.coverage,
      energy.coverage < 0.999 ? " (NOT COMPLETE: time between good reads is missing)" : "");
  if (!energy.largest_error_term.empty())
    text += fmt::format("  largest error term: {}\n", energy.largest_error_term);
  for (auto const& check : meter::cross_checks(metered.account.ledger))
    text += fmt::format("  cross-check {}: {:.3f}{}\n", check.what, check.ratio,
                        check.is_suspect ? "  WARNING: more than 10 % off" : "");
  for (auto const& event : metered.account.ledger.events) text += fmt::format("  {}\n", event);
  if (!energy.missing_terms.empty())
    text += fmt::format("  no value for: {}\n", energy.missing_terms);
  if (!energy.assumed_terms.empty()) text += fmt::format("  assumed: {}\n", energy.assumed_terms);
  if (metered.ended.left_running > 0)
    text += fmt::format("  {} descendants still run in sessions of their own\n",
                        metered.ended.left_running);
  if (!metered.record.empty()) text += fmt::format("  record: {}\n", metered.record);
  return text;
}

std::string summary_json(Metered const& metered) {
  auto const& energy = metered.energy;
  auto const& ledger = metered.account.ledger;
  Json command = Json::array(), devices = Json::array(), checks = Json::array(),
       accelerators = Json::array();
  for (auto const& some : ledger.accelerators())
    accelerators.push(Json::object()
                          .set("standing", meter::to_string(some.standing))
                          .set("count", some.count)
                          .set("joules", to_json(some.energy)));
  for (auto const& word : metered.command) command.push(word);
  for (std::size_t k = 0; k < ledger.devices.size(); ++k)
    devices.push(
        Json::object()
            .set("id", ledger.devices[k].info.id)
            .set("class", meter::to_string(ledger.devices[k].info.device))
            .set("use", ledger.devices[k].use == meter::Use::counted ? "counted" : "cross-check")
            .set("joules", to_json(ledger.total[k]))
            .set("failed_reads", ledger.flows[k].failed)
            .set("resets", ledger.flows[k].resets)
            .set("gaps", ledger.flows[k].gaps)
            .set("wraps", ledger.flows[k].wraps)
            .set("standing", meter::to_string(k < ledger.standing.size() ? ledger.standing[k]
                                                                         : meter::Standing::none)));
  for (auto const& check : meter::cross_checks(ledger))
    checks.push(Json::object()
                    .set("what", check.what)
                    .set("ratio", check.ratio)
                    .set("suspect", check.is_suspect));
  Json document = Json::object();
  document.set("verb", "meter").set("command", command);
  document.set("exit_status", metered.ended.status).set("seconds", energy.duration.value);
  document.set("user_s", metered.ended.user_second);
  document.set("system_s", metered.ended.system_second);
  document.set("is_reader", energy.is_reader).set("energy_source", energy.source);
  document.set("system", to_json(energy.system)).set("chip", to_json(energy.chip));
  document.set("idle_system", to_json(energy.idle_system));
  document.set("measured_share", measured_share(metered.account));
  document.set("coverage", energy.coverage);
  document.set("largest_error_term", energy.largest_error_term);
  document.set("devices", devices).set("cross_checks", checks);
  document.set("accelerators", accelerators);
  document.set("missing_terms", energy.missing_terms).set("assumed_terms", energy.assumed_terms);
  document.set("record", metered.record);
  return document.dump() + "\n";
}

std::string probe_text(std::vector<meter::ProbeRow> const& rows, std::string const& headline,
                       MeterWords::Format format) {
  if (format == MeterWords::Format::json) {
    Json sensors = Json::array();
    for (auto const& row : rows) {
      bool const is_sensor = !row.unit.empty();  // else nothing is known, which is not 0
      auto const known = [&](double figure) { return is_sensor ? Json(figure) : Json(); };
      sensors.push(Json::object()
                       .set("backend", row.backend)
                       .set("id", row.id)
                       .set("path", row.path)
                       .set("status", meter::to_string(row.status))
                       .set("error_number", row.error_number)
                       .set("role", row.role)
                       .set("unit", row.unit)
                       .set("wrap_joule", known(row.wrap_joule))
                       .set("update_s", known(row.update_second))
                       .set("accuracy", known(row.accuracy))
                       .set("advice", row.advice));
    }
    return Json::object().set("energy_source", headline).set("sensors", sensors).dump() + "\n";
  }
  core::Table table(
      {"backend", "id", "status", "role", "unit", "wrap", "update", "accuracy", "path", "advice"});
  for (auto const& row : rows) {
    bool const is_sensor = !row.unit.empty();
    table.row({row.backend, row.id, std::string(meter::to_string(row.status)), row.role, row.unit,
               is_sensor ? row.wrap_joule > 0 ? core::si(row.wrap_joule, "J") : "never" : "",
               is_sensor ? core::si(row.update_second, "s") : "",
               is_sensor ? fmt::format("+-{:g} %", 100 * row.accuracy) : "", row.path, row.advice});
  }
  return fmt::format("energy  {}\n\n{}", headline, table.text());
}

std::string live_line(std::vector<meter::DevicePower> const& before,
                      std::vector<meter::DevicePower> const& now) {
  std::string text;
  double total = 0, joule = 0;
  for (std::size_t k = 0; k < now.size() && k < before.size(); ++k) {
    double const second = static_cast<double>(now[k].duration_ns - before[k].duration_ns) * 1e-9;
    double const watt = second > 0 ? (now[k].joule.value - before[k].joule.value) / second : 0;
    char const* mark = core::is_measured(now[k].kind) ? "" : "~";
    text += fmt::format("{} {}{:.1f} W  ", now[k].id, mark, watt);
    if (now[k].use == meter::Use::counted) total += watt, joule += now[k].joule.value;
  }
  return text + fmt::format("| total {:.1f} W, {:.1f} J", total, joule);
}

}  // namespace crossjoule::drivers
