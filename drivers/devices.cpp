// SPDX-License-Identifier: BSD-3-Clause
#include "core/system.hpp"
#include "core/table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"
#include "kernels/session.hpp"
#include "meter/composition.hpp"
#include "meter/meter.hpp"

#include <fmt/format.h>

namespace crossjoule::drivers {
namespace {

/// All that the verb prints, gathered once for both forms.
struct Machine {
  core::Cpu cpu;
  std::vector<kernels::Backend> backends;
  meter::Probe probe;
  std::string headline, missing_terms, assumed_terms;
};

Machine look_around(meter::MeterOptions const& options) {
  meter::Tree const tree(options.sysfs_root);
  std::string const library =
      options.nvml_library.value_or(tree.is_real() ? "libnvidia-ml.so.1" : "");
  Machine machine{core::this_cpu(), kernels::backends(), {}, {}, {}, {}};
  machine.probe = meter::probe_node(tree, *meter::real_clock(), library, options.memory_gb);
  auto const node = meter::compose(machine.probe, tree, options);
  machine.headline = node.headline;
  machine.missing_terms = node.missing_system;
  machine.assumed_terms = node.assumed_system;
  return machine;
}

double gigabytes(std::int64_t bytes) { return 1e-9 * static_cast<double>(bytes); }

void print_table(Machine const& machine) {
  fmt::print("CPU       {} ({} hardware threads{})\n", machine.cpu.model,
             machine.cpu.hardware_threads,
             machine.cpu.is_guest ? ", a guest under a hypervisor" : "");
  fmt::print("memory    {:.1f} GB\n", gigabytes(machine.cpu.memory_bytes));
  fmt::print("energy    {}\n\n", machine.headline);
  core::Table backends({"backend", "usable", "what it is, or why it cannot be used"});
  for (auto const& backend : machine.backends)
    backends.row({std::string(to_string(backend.device)), backend.usable ? "yes" : "no",
                  backend.description});
  core::Table sensors({"sensor of", "id", "status", "role", "path", "advice"});
  for (auto const& row : machine.probe.rows)
    sensors.row(
        {row.backend, row.id, std::string(to_string(row.status)), row.role, row.path, row.advice});
  fmt::print("{}\n{}", backends.text(), sensors.text());
  if (!machine.missing_terms.empty()) fmt::print("\nno value for: {}\n", machine.missing_terms);
  if (!machine.assumed_terms.empty()) fmt::print("assumed: {}\n", machine.assumed_terms);
}

void print_json(Machine const& machine) {
  Json cpu = Json::object();
  cpu.set("model", machine.cpu.model).set("hardware_threads", machine.cpu.hardware_threads);
  cpu.set("is_guest", machine.cpu.is_guest).set("memory_bytes", machine.cpu.memory_bytes);
  Json backends = Json::array();
  for (auto const& backend : machine.backends)
    backends.push(Json::object()
                      .set("device", to_string(backend.device))
                      .set("usable", backend.usable)
                      .set("description", backend.description));
  Json sensors = Json::array();
  for (auto const& row : machine.probe.rows)
    sensors.push(Json::object()
                     .set("backend", row.backend)
                     .set("id", row.id)
                     .set("path", row.path)
                     .set("status", to_string(row.status))
                     .set("error_number", row.error_number)
                     .set("role", row.role)
                     .set("advice", row.advice));
  Json document = Json::object();
  document.set("cpu", cpu).set("backends", backends).set("energy_source", machine.headline);
  document.set("sensors", sensors).set("missing_terms", machine.missing_terms);
  document.set("assumed_terms", machine.assumed_terms);
  fmt::print("{}\n", document.dump());
}

}  // namespace

/// `crossjoule devices`: what this machine can compute and weigh with, and why not with the rest.
core::ExitCode devices(Call& call, core::Comm const& comm) {
  auto const options = meter::read_options(call.config.section("meter", "how the node is weighed"));
  if (!call.go() || !comm.is_root()) return core::ExitCode::ok;
  auto const machine = look_around(options);
  if (call.format == Call::Format::json)
    print_json(machine);
  else
    print_table(machine);
  return core::ExitCode::ok;
}

}  // namespace crossjoule::drivers
