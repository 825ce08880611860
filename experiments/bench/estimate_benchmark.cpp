// SPDX-License-Identifier: BSD-3-Clause
// How long one estimate takes, and one design point of a sweep, on one core.
//   estimate_benchmark [NETWORK ...]     kinds of [network]; default: every one that the bars name
#include "aimc/outcome.hpp"
#include "aimc/presets.hpp"
#include "aimc/what_if.hpp"
#include "core/error.hpp"
#include "models/build.hpp"
#include "timing.hpp"

#include <fmt/core.h>
#include <string>
#include <vector>

namespace {

using namespace crossjoule;

/// Most milliseconds of an estimate on one core.
double bar_of(std::string const& kind) {
  if (kind == "afno") return 50;
  return 10;
}

models::Graph graph_of(std::string const& kind) {
  auto config = core::Config::from_text("kind = \"" + kind + "\"", "benchmark");
  return models::build(std::move(config));
}

/// Terms as a study would assume them, so that digital units, links and the host link take part.
aimc::Terms all_terms() {
  auto figure = [](double value) {
    return aimc::Figure{value / 2, value,         value * 2, "",
                        "assumed", "a benchmark", "",        core::Kind::assumed};
  };
  using enum aimc::Term;
  aimc::Terms terms;
  terms[digital_joules_per_output] = figure(1e-12);
  terms[digital_seconds_per_layer] = figure(1e-8);
  terms[digital_joules_per_flop] = figure(1e-12);
  terms[digital_flops_per_second] = figure(1e13);
  terms[link_joules_per_byte] = figure(1e-13);
  terms[link_bytes_per_second] = figure(1e10);
  terms[host_link_bytes_per_second] = figure(1e10);
  terms[host_link_seconds] = figure(1e-6);
  return terms;
}

void one_estimate(std::string const& kind, aimc::Terms const& terms, char const* what,
                  aimc::Replication replication) {
  auto const graph = graph_of(kind);
  auto const chip = aimc::preset("hermes-64");
  aimc::Workload workload;
  workload.batches = {1, 10, 100, 1000, 10000, 100000};
  workload.rate_hz = 4e7;
  if (replication == aimc::Replication::search) {
    workload.map.chips = 2 * aimc::map(graph, chip).chips(1);
    workload.map.replication = replication;
  }
  auto const times =
      bench::times_of(0.5, [&] { aimc::estimate(graph, chip, chip.mode(""), terms, workload); });
  fmt::print("{:12} {:28} {:9.3f} {:9.3f} {:8.0f}  {}\n", kind, what, 1e3 * times.front(),
             1e3 * times[times.size() / 2], bar_of(kind),
             1e3 * times.front() <= bar_of(kind) ? "met" : "MISSED");
}

/// Design points of a macro per second, as `sweep` works them out.
void points_of_a_sweep(std::string const& kind) {
  auto const graph = graph_of(kind);
  auto const chip = aimc::preset("macro-sram");
  std::vector<aimc::SweepAxis> const axes = {
      {aimc::SweepAxis::What::knob, "rows", {64, 128, 256, 512}, {}},
      {aimc::SweepAxis::What::knob, "adc_bits", {4, 5, 6, 7, 8}, {}},
      {aimc::SweepAxis::What::knob, "node", {7, 14, 22, 32, 65}, {}}};
  auto const times = bench::times_of(
      0.5, [&] { aimc::sweep(graph, chip, "", {}, {}, axes, 100, core::Comm::serial()); });
  auto const points = static_cast<double>(aimc::grid_size(axes));
  auto const all = times.front() / points * 10000 / 2;
  fmt::print("{:12} {:28} {:9.3f} {:>9} {:8}  {}\n", kind, "10,000 points on two ranks, s", all, "",
             60, all <= 60 ? "met" : "MISSED");
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> kinds(argv + 1, argv + argc);
  if (kinds.empty()) kinds = {"svdd", "autoencoder", "afno", "vgg8", "resnet18"};
  fmt::print("{:12} {:28} {:>9} {:>9} {:>8}\n", "network", "what (ms on one core)", "least",
             "median", "bar");
  for (auto const& kind : kinds) try {
      one_estimate(kind, {}, "estimate, no assumptions", aimc::Replication::none);
      one_estimate(kind, all_terms(), "estimate, all terms", aimc::Replication::none);
      one_estimate(kind, all_terms(), "estimate, replicas searched", aimc::Replication::search);
      points_of_a_sweep(kind);
    } catch (core::Error const& error) {
      fmt::print("{:12} not timed: {}\n", kind, error.what());
    }
}
