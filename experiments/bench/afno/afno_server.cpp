// SPDX-License-Identifier: BSD-3-Clause
// Times AFNO plans on request, so that compare_afno.py can interleave them with PyTorch. A request
// is a line "infer|train ROWS COLUMNS PATCH IN OUT EMBED DEPTH BLOCKS BATCH SECONDS"; the answer is
// one line with the shortest and the median call in seconds, the number of calls, FLOPs per call
// and the plan's bytes. CROSSJOULE_AFNO_KEEP=borders makes training recompute.
#include "core/error.hpp"
#include "experiments/bench/timing.hpp"
#include "kernels/session.hpp"
#include "models/afno.hpp"
#include "models/cost.hpp"
#include "models/unroll.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace crossjoule;

struct Request {
  std::string task;
  models::AfnoOptions network;
  std::int64_t batch = 1;
  double seconds = 1;
};

Request read_request(std::string const& line) {
  Request request;
  auto& n = request.network;
  std::istringstream words(line);
  words >> request.task >> n.rows >> n.columns >> n.patch >> n.channels_in >> n.channels_out >>
      n.embed >> n.depth >> n.blocks >> request.batch >> request.seconds;
  VALIDATE(
      words && (request.task == "infer" || request.task == "train") && request.batch >= 1,
      "request \"{}\" (not understood) write infer|train ROWS COLUMNS PATCH IN OUT EMBED DEPTH "
      "BLOCKS BATCH SECONDS",
      line);
  return request;
}

/// Numbers in (-1, 1) from a fixed formula, not all the same.
std::vector<float> numbers(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t n = 0; n < values.size(); ++n)
    values[n] = static_cast<float>((31 * n * n + 17 * n) % 10007) / 5003.5F - 1;
  return values;
}

/// Print one line of the answer: what calls of `action` took, shortest first.
void report(double seconds, std::int64_t flops, std::int64_t bytes, auto&& action) {
  std::vector<double> const times = bench::times_of(seconds, action);
  std::printf("%.9g %.9g %zu %lld %lld\n", times.front(), times[times.size() / 2], times.size(),
              static_cast<long long>(flops), static_cast<long long>(bytes));
  std::fflush(stdout);
}

void infer(Request const& request, models::Graph const& graph) {
  auto const network = models::without_objective(graph);
  runtime::Plan<float> plan(network, {.max_batch = request.batch});
  plan.set_parameters(
      runtime::initial_parameters<float>(runtime::ParamLayout(network), network, 1));
  auto const shapes = models::shapes(network);
  auto const input = numbers(request.batch * shapes.front().size());
  std::vector<float> output(static_cast<std::size_t>(request.batch * shapes.back().size()));
  report(request.seconds, request.batch * models::cost(network).forward.flops(),
         plan.workspace_bytes(), [&] { plan.infer(input, request.batch, output, {}); });
}

/// One training step: forward, backward, Adam.
void train(Request const& request, models::Graph const& graph) {
  char const* keep = std::getenv("CROSSJOULE_AFNO_KEEP");
  bool const recomputes = keep && std::string(keep) == "borders";
  runtime::Plan<float> plan(
      graph, {.purpose = runtime::Purpose::training,
              .max_batch = request.batch,
              .keep = recomputes ? runtime::Keep::segment_borders : runtime::Keep::all_but_cheap,
              .access = runtime::ParameterAccess::in_place});
  auto parameters = runtime::initial_parameters<float>(runtime::ParamLayout(graph), graph, 1);
  std::vector<float> gradient(parameters.size()), moment1(parameters.size()),
      moment2(parameters.size());
  auto const input = numbers(request.batch * models::sample_size(graph));
  std::int64_t step = 0;
  auto const cost = models::cost(graph);
  report(request.seconds, request.batch * (cost.forward.flops() + cost.backward.flops()),
         plan.workspace_bytes(), [&] {
           plan.set_parameters(parameters);
           plan.loss_and_gradient(input, request.batch, gradient);
           runtime::adam_step<float>({}, ++step, 1.0 / static_cast<double>(request.batch),
                                     parameters, gradient, moment1, moment2);
         });
}

}  // namespace

int main() try {
  kernels::Session const session(kernels::Device::cpu, 0, 1);
  for (std::string line; std::getline(std::cin, line);) {
    auto const request = read_request(line);
    auto const graph = models::afno(request.network);
    if (request.task == "infer")
      infer(request, graph);
    else
      train(request, graph);
  }
} catch (core::Error const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
