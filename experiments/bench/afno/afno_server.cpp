// SPDX-License-Identifier: BSD-3-Clause
// Times AFNO plans on request, so that compare_afno.py can interleave them with PyTorch. A request
// is a line "infer|train ROWS COLUMNS PATCH IN OUT EMBED DEPTH BLOCKS BATCH SECONDS", or "peak
// SECONDS" for multiply-adds in registers; the answer is one line with the shortest and the median
// call in seconds, the number of calls, FLOPs per call and a rank's bytes of the plan. Under mpirun
// the ranks share the batch; a call's time is the slowest rank's. CROSSJOULE_AFNO_KEEP=borders
// makes training recompute.
#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/ordered_sum.hpp"
#include "experiments/bench/peak_fma.hpp"
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

/// The next line of rank 0's standard input, on every rank; false at its end.
bool next_line(core::Comm const& comm, std::string& line) {
  std::vector<char> text;
  if (comm.is_root() && std::getline(std::cin, line)) text.assign(line.begin(), line.end());
  comm.broadcast(text);
  line.assign(text.begin(), text.end());
  return !line.empty();
}

Request read_request(std::string const& line, core::Comm const& comm) {
  Request request;
  auto& n = request.network;
  std::istringstream words(line);
  words >> request.task;
  if (request.task == "peak" && words >> request.seconds) return request;
  words >> n.rows >> n.columns >> n.patch >> n.channels_in >> n.channels_out >> n.embed >>
      n.depth >> n.blocks >> request.batch >> request.seconds;
  VALIDATE(
      words && (request.task == "infer" || request.task == "train") && request.batch >= 1 &&
          request.batch % comm.size() == 0,
      "request \"{}\" (not understood) write infer|train ROWS COLUMNS PATCH IN OUT EMBED DEPTH "
      "BLOCKS BATCH SECONDS, a batch that the ranks share",
      line);
  request.batch /= comm.size();
  return request;
}

/// Numbers in (-1, 1) from a fixed formula, not all the same.
std::vector<float> numbers(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t n = 0; n < values.size(); ++n)
    values[n] = static_cast<float>((31 * n * n + 17 * n) % 10007) / 5003.5F - 1;
  return values;
}

/// Print one line of the answer: what calls of `action` took, shortest first. `flops` are a rank's.
void report(core::Comm const& comm, double seconds, std::int64_t flops, std::int64_t bytes,
            auto&& action) {
  comm.barrier();
  std::vector<double> const times =
      bench::times_of(seconds, action, [&](double time) { return comm.max(time); });
  if (!comm.is_root()) return;
  std::printf("%.9g %.9g %zu %lld %lld\n", times.front(), times[times.size() / 2], times.size(),
              static_cast<long long>(comm.size() * flops), static_cast<long long>(bytes));
  std::fflush(stdout);
}

void peak(Request const& request, core::Comm const& comm) {
  constexpr std::int64_t rounds = 100'000;
  report(comm, request.seconds, bench::peak_fma(rounds), 0, [] { bench::peak_fma(rounds); });
}

void infer(Request const& request, models::Graph const& graph, core::Comm const& comm) {
  auto const network = models::without_objective(graph);
  runtime::Plan<float> plan(network, {.max_batch = request.batch});
  plan.set_parameters(
      runtime::initial_parameters<float>(runtime::ParamLayout(network), network, 1));
  auto const shapes = models::shapes(network);
  auto const input = numbers(request.batch * shapes.front().size());
  std::vector<float> output(static_cast<std::size_t>(request.batch * shapes.back().size()));
  report(comm, request.seconds, request.batch * models::cost(network).forward.flops(),
         plan.workspace_bytes(), [&] { plan.infer(input, request.batch, output, {}); });
}

/// One training step: forward, backward, the ranks' sum, Adam.
void train(Request const& request, models::Graph const& graph, core::Comm const& comm) {
  char const* keep = std::getenv("CROSSJOULE_AFNO_KEEP");
  bool const recomputes = keep && std::string(keep) == "borders";
  runtime::Plan<float> plan(
      graph, {.purpose = runtime::Purpose::training,
              .max_batch = request.batch,
              .keep = recomputes ? runtime::Keep::segment_borders : runtime::Keep::all_but_cheap,
              .access = runtime::ParameterAccess::in_place});
  auto parameters = runtime::initial_parameters<float>(runtime::ParamLayout(graph), graph, 1);
  core::OrderedSum<float> gradient(comm, comm.size(), std::ssize(parameters));
  std::vector<float> moment1(parameters.size()), moment2(parameters.size());
  auto const input = numbers(request.batch * models::sample_size(graph));
  std::int64_t step = 0;
  auto const cost = models::cost(graph);
  double const scale = 1.0 / static_cast<double>(request.batch * comm.size());
  report(comm, request.seconds, request.batch * (cost.forward.flops() + cost.backward.flops()),
         plan.workspace_bytes(), [&] {
           plan.set_parameters(parameters);
           gradient.begin(comm.size());
           plan.loss_and_gradient(input, request.batch, gradient.next_leaf());
           gradient.add_leaf();
           runtime::adam_step<float>({}, ++step, scale, parameters, gradient.finish(), moment1,
                                     moment2);
         });
}

}  // namespace

int main() try {
  auto const comm = core::Comm::world();
  kernels::Session const session(kernels::Device::cpu, 0, 1);
  for (std::string line; next_line(comm, line);) {
    auto const request = read_request(line, comm);
    if (request.task == "peak") {
      peak(request, comm);
      continue;
    }
    auto const graph = models::afno(request.network);
    if (request.task == "infer")
      infer(request, graph, comm);
    else
      train(request, graph, comm);
  }
} catch (core::Error const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
