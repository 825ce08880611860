// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "core/record.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"
#include "meter/impact_tracker.hpp"
#include "meter/imports.hpp"
#include "meter/naive.hpp"
#include "meter/naive_account.hpp"
#include "meter/values.hpp"

#include <fmt/format.h>
#include <map>

namespace crossjoule::drivers {
namespace {

struct Settings {
  meter::ImportOptions import;
  meter::ImpactOptions impact;
  bool with_naive = false;
  meter::NaiveInputs naive;
};

std::optional<std::int64_t> moment(core::Config& config, char const* key, char const* comment,
                                   std::int64_t zone_offset_s) {
  auto const text = config.take(key, "", comment);
  if (text.empty()) return {};
  auto const time = meter::parse_time_ns(text, zone_offset_s);
  VALIDATE(time.has_value(), "{} = {} (no time) write 2019-10-31 12:01:10{}", key, text,
           config.where(key));
  return time;
}

Settings take_settings(core::Config& config) {
  Settings settings;
  auto const format = config.take("format", "auto",
                                  "auto, nvidia-smi, sacct, slurm-profile, perun, tegrastats, "
                                  "codecarbon, impact-tracker, load-profile, trace or record");
  if (format != "auto") settings.import.format = meter::log_format_from(format);
  auto const offset = config.take<std::int64_t>(
      "zone_offset_s", 0, "seconds east of UTC of stamps without a zone", {-50400, 50400});
  settings.import.zone_offset_s = offset;
  settings.impact.zone_offset_s = offset;
  settings.import.interval_s = config.take<double>(
      "interval_s", 1.0, "between lines of tegrastats without stamps", {1e-3, 1e6});
  settings.import.gain = config.take<double>(
      "accuracy", 0.05, "relative accuracy (k = 2) to assume of a log that states none", {0, 1});
  settings.impact.start_ns = moment(config, "start", "of an impact-tracker run", offset);
  settings.impact.end_ns = moment(config, "end", "of an impact-tracker run", offset);
  settings.impact.pue = config.take<double>("pue", 1.58, "of an impact-tracker run", {1, 10});
  settings.impact.region_intensity = config.take<double>(
      "region_intensity", 301.0, "g/kWh where an impact-tracker sample has none", {0, 1e4});
  settings.with_naive = config.take("naive", false, "what the usual estimators would have said");
  settings.naive.tdp_watt = config.take<double>(
      "tdp_w", 0.0, "TDP of all CPUs for them; 0: the record's, else 85 W", {0, 1e5});
  double const load = config.take<double>(
      "load", -1.0, "mean CPU load for them, 0 to 1; -1: by the record's CPU time, else 1",
      {-1, 1});
  VALIDATE(load >= 0 || load == -1,
           "load = {} (must be 0 to 1, or -1 for the record's) correct it{}", load,
           config.where("load"));
  if (load >= 0) settings.naive.load = load;
  settings.naive.memory_gb =
      config.take<double>("memory_gb", 0.0, "memory for them; 0: the record's", {0, 1e6});
  return settings;
}

/// One log in all its forms; what a log is not stays empty.
struct Account {
  std::string file;
  meter::LogFormat format = meter::LogFormat::trace;
  meter::Import import;
  std::optional<meter::ImpactRun> impact;
  std::optional<meter::LoadProfile> profile;
};

Account read(std::filesystem::path const& file, Settings const& settings) {
  Account account;
  account.file = file.string();
  account.format = settings.import.format ? *settings.import.format : meter::guess_log_format(file);
  if (account.format == meter::LogFormat::impact_tracker)
    account.impact = meter::read_impact_tracker(meter::detail::read_log(file), settings.impact);
  else if (account.format == meter::LogFormat::load_profile)
    account.profile = meter::read_load_profile(meter::detail::read_log(file), account.file,
                                               settings.naive.tdp_watt);
  else
    account.import = meter::import_log(file, settings.import);
  return account;
}

meter::NaiveTable naive_of(Account const& account, meter::NodeAccount const& node,
                           Settings const& settings) {
  auto inputs = settings.naive;
  if (!inputs.load) inputs.load = account.import.load;
  return meter::naive_table(node, inputs);
}

void print_import(Account const& account, Settings const& settings) {
  core::Table table({"node", "device", "energy", "kind", "use", "reads", "dropped", "gaps"});
  for (auto const& node : account.import.nodes)
    for (std::size_t k = 0; k < node.ledger.devices.size(); ++k) {
      auto const& device = node.ledger.devices[k];
      auto const& flow = node.ledger.flows[k];
      table.row({node.host, device.info.id, core::with_interval(node.ledger.total[k]),
                 std::string(core::to_string(device.kind)),
                 device.use == meter::Use::counted ? "counted" : "cross-check",
                 fmt::format("{}", flow.reads), fmt::format("{}", flow.failed),
                 fmt::format("{}", flow.gaps)});
    }
  fmt::print("{}  ({})\n{}", account.file, to_string(account.format), table.text());
  for (auto const& remark : account.import.remarks) fmt::print("note: {}\n", remark);
  if (!settings.with_naive) return;
  core::Table naive({"node", "part", "estimator", "would have said", "error"});
  std::string inputs;
  for (auto const& node : account.import.nodes) {
    auto const table = naive_of(account, node, settings);
    for (auto const& row : table.rows)
      naive.row(
          {node.host, row.part, row.estimator, core::si(row.joule, "J"),
           row.error_share ? fmt::format("{:+.1f} %", 100 * *row.error_share) : "not measured"});
    if (!table.rows.empty()) inputs += fmt::format("note: {}: {}\n", node.host, table.inputs);
  }
  if (naive.rows() > 0) fmt::print("{}{}", naive.text(), inputs);
}

void print_impact(Account const& account) {
  auto const& run = *account.impact;
  core::Table table({"kWh_cpu", "kWh_gpu", "total kWh with PUE", "hours", "kg CO2", "mean CI"});
  table.row({fmt::format("{:.6g}", run.kwh_cpu), fmt::format("{:.6g}", run.kwh_gpu),
             fmt::format("{:.6g}", run.kwh_total), fmt::format("{:.6g}", run.hours),
             fmt::format("{:.6g}", run.kg_co2), fmt::format("{:.6g}", run.mean_intensity)});
  fmt::print("{}  (impact-tracker)\n{}", account.file, table.text());
  fmt::print(
      "note: {} samples; {} lines unreadable, {} out of order, {} without CPU power, {} "
      "without GPU power\n",
      run.samples, run.unreadable, run.out_of_order, run.without_cpu, run.without_gpu);
}

std::string text_of(meter::LoadProfile::Line const& wall) {
  return fmt::format("wall power = {:.2f} W + {:.4f} x RAPL power, R2 = {:.3f}, n = {}\n",
                     wall.offset_watt, wall.slope, wall.r2, wall.rows);
}
Json json_of(meter::LoadProfile::Line const& wall) {
  return Json::object()
      .set("offset_watt", wall.offset_watt)
      .set("slope", wall.slope)
      .set("r2", wall.r2)
      .set("rows", wall.rows);
}

/// The line over all profiles of one CPU, where there are several with a plug.
std::vector<std::pair<std::string, meter::LoadProfile::Line>> joint_walls(
    std::vector<Account> const& accounts) {
  std::map<std::string, std::vector<meter::LoadProfile>> by_cpu;
  for (auto const& one : accounts)
    if (one.profile && one.profile->wall) by_cpu[one.profile->cpu].push_back(*one.profile);
  std::vector<std::pair<std::string, meter::LoadProfile::Line>> walls;
  for (auto const& [cpu, profiles] : by_cpu)
    if (auto const line = meter::fit_wall(profiles); line && profiles.size() > 1)
      walls.emplace_back(cpu, *line);
  return walls;
}

void print_profile(Account const& account) {
  auto const& profile = *account.profile;
  core::Table table({"estimator", "MAPE", "bias"});
  for (auto const& error : profile.errors)
    table.row({error.name, fmt::format("{:.1f} %", 100 * error.mean_absolute_share),
               fmt::format("{:+.1f} %", 100 * error.bias_share)});
  fmt::print("{}  (load-profile, {}, {} of {} rows used: the first is a start-up artefact)\n{}",
             account.file, profile.cpu, profile.rows - profile.dropped, profile.rows, table.text());
  if (profile.wall) fmt::print("{}", text_of(*profile.wall));
}

Json json_of(Account const& account, meter::NodeAccount const& node, Settings const& settings) {
  Json devices = Json::array(), naive = Json::array();
  for (std::size_t k = 0; k < node.ledger.devices.size(); ++k)
    devices.push(Json::object()
                     .set("id", node.ledger.devices[k].info.id)
                     .set("class", meter::to_string(node.ledger.devices[k].info.device))
                     .set("use", node.ledger.devices[k].use == meter::Use::counted ? "counted"
                                                                                   : "cross-check")
                     .set("joules", to_json(node.ledger.total[k]))
                     .set("dropped", node.ledger.flows[k].failed)
                     .set("gaps", node.ledger.flows[k].gaps));
  Json document = Json::object();
  document.set("host", node.host).set("energy_source", node.headline).set("devices", devices);
  document.set("system", to_json(node.ledger.sum()));
  if (settings.with_naive) {
    auto const table = naive_of(account, node, settings);
    for (auto const& row : table.rows)
      naive.push(Json::object()
                     .set("part", row.part)
                     .set("estimator", row.estimator)
                     .set("joules", row.joule)
                     .set("error", row.error_share ? Json(*row.error_share) : Json()));
    document.set("naive_inputs", table.inputs);
    document.set("naive", naive);
  }
  return document;
}

Json json_of(Account const& account, Settings const& settings) {
  Json document = Json::object(), nodes = Json::array(), remarks = Json::array();
  document.set("file", account.file).set("format", to_string(account.format));
  if (account.impact) {
    auto const& run = *account.impact;
    document.set("kwh_cpu", run.kwh_cpu).set("kwh_gpu", run.kwh_gpu);
    document.set("kwh_total", run.kwh_total).set("hours", run.hours).set("kg_co2", run.kg_co2);
    document.set("mean_intensity_g_per_kwh", run.mean_intensity);
    document.set("cpu_hours", run.cpu_hours).set("gpu_hours", run.gpu_hours);
    document.set("samples", run.samples).set("unreadable", run.unreadable);
  } else if (account.profile) {
    Json errors = Json::array();
    for (auto const& error : account.profile->errors)
      errors.push(Json::object()
                      .set("estimator", error.name)
                      .set("mape", error.mean_absolute_share)
                      .set("bias", error.bias_share));
    document.set("cpu", account.profile->cpu).set("rows", account.profile->rows);
    document.set("dropped", account.profile->dropped).set("errors", errors);
    auto const& wall = account.profile->wall;
    document.set("wall", wall ? json_of(*wall) : Json());
  } else {
    for (auto const& node : account.import.nodes) nodes.push(json_of(account, node, settings));
    for (auto const& remark : account.import.remarks) remarks.push(remark);
    document.set("nodes", nodes).set("remarks", remarks);
  }
  return document;
}

}  // namespace

/// `crossjoule account LOG…`: logs of other tools as our own books, and what estimators would say.
core::ExitCode account(Call& call, core::Comm const&) {
  Settings const settings = take_settings(call.config);
  auto const output = call.output_path("");
  if (!call.go()) return core::ExitCode::ok;
  VALIDATE(!call.files.empty(), "account has no log (only a configuration) name one");
  std::vector<Account> accounts;
  std::vector<meter::NodeAccount> nodes;
  for (auto const& file : call.files) {
    accounts.push_back(read(file, settings));
    auto const& more = accounts.back().import.nodes;
    nodes.insert(nodes.end(), more.begin(), more.end());
  }
  if (!output.empty()) {
    VALIDATE(!nodes.empty(),
             "no joules to write (these logs hold sums or errors alone) drop "
             "--output");
    core::Record record(output, "account", call.config, call.overwrite);
    meter::write(record.file(), nodes);
    record.commit();
  }
  if (call.format == Call::Format::json) {
    Json logs = Json::array();
    for (auto const& one : accounts) logs.push(json_of(one, settings));
    Json walls = Json::array();
    for (auto const& [cpu, line] : joint_walls(accounts)) walls.push(json_of(line).set("cpu", cpu));
    fmt::print("{}\n", Json::object()
                           .set("verb", "account")
                           .set("logs", logs)
                           .set("walls", walls)
                           .set("record", output.string())
                           .dump());
    return core::ExitCode::ok;
  }
  for (auto const& one : accounts) {
    if (one.impact)
      print_impact(one);
    else if (one.profile)
      print_profile(one);
    else
      print_import(one, settings);
    if (&one != &accounts.back()) fmt::print("\n");
  }
  for (auto const& [cpu, line] : joint_walls(accounts))
    fmt::print("\nall files of {}: {}", cpu, text_of(line));
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
