// SPDX-License-Identifier: BSD-3-Clause
// Times this project's plans on request, so that compare.py can interleave them with other engines.
// A request is a line "infer|train svdd|autoencoder BATCH SECONDS"; the answer is one line with the
// shortest, the median and the 99th percentile call in seconds and the number of calls.
#include "core/error.hpp"
#include "experiments/bench/timing.hpp"
#include "kernels/session.hpp"
#include "models/build.hpp"
#include "runtime/params.hpp"
#include "runtime/plan/plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <vector>

namespace {

using namespace crossjoule;

/// Numbers in (-1, 1) from a fixed formula: both sides of a comparison need the same spread only.
std::vector<float> numbers(std::int64_t count, float scale) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t n = 0; n < values.size(); ++n)
    values[n] = scale * (static_cast<float>((31 * n * n + 17 * n) % 10007) / 5003.5F - 1);
  return values;
}

/// Weights of the size that keeps activations near 1.
std::vector<float> parameters_of(models::Graph const& graph) {
  runtime::ParamLayout const layout(graph);
  std::vector<float> flat(static_cast<std::size_t>(layout.words));
  for (auto const& tensor : layout.tensors) {
    auto const& shape = tensor.parameter.shape;
    float const scale = shape.size() < 2 ? 0.1F : 1.7F / std::sqrt(static_cast<float>(shape[1]));
    auto const values = numbers(tensor.parameter.size(), scale);
    std::copy(values.begin(), values.end(), flat.begin() + tensor.offset);
  }
  return flat;
}

/// Print one line of the answer: what calls of `action` took, shortest first.
void report(double seconds, auto&& action) {
  std::vector<double> const times = bench::times_of(seconds, action);
  auto const at = [&](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  std::printf("%.9g %.9g %.9g %zu\n", times.front(), at(0.5), at(0.99), times.size());
  std::fflush(stdout);
}

void infer(models::Graph const& graph, std::int64_t batch, double seconds) {
  runtime::Plan<float> plan(graph, {});
  plan.set_parameters(parameters_of(graph));
  auto const shapes = models::shapes(graph);
  auto const input = numbers(batch * shapes[0].size(), 1);
  std::vector<float> output(
      static_cast<std::size_t>(batch * shapes[models::output_node(graph)].size()));
  report(seconds, [&] { plan.infer(input, batch, output, {}); });
}

/// One training step: pack, forward, backward, Adam.
void train(models::Graph const& graph, std::int64_t batch, double seconds) {
  runtime::Plan<float> plan(graph, {.purpose = runtime::Purpose::training, .max_batch = batch});
  auto parameters = parameters_of(graph);
  std::vector<float> gradient(parameters.size()), moment1(parameters.size()),
      moment2(parameters.size());
  auto const input = numbers(batch * models::shapes(graph)[0].size(), 1);
  std::int64_t step = 0;
  report(seconds, [&] {
    plan.set_parameters(parameters);
    plan.loss_and_gradient(input, batch, gradient);
    runtime::adam_step<float>({}, ++step, 1.0 / static_cast<double>(batch), parameters, gradient,
                              moment1, moment2);
  });
}

}  // namespace

int main() try {
  kernels::Session const session(kernels::Device::cpu, 0, 1);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what, network;
    std::int64_t batch = 1;
    double seconds = 0.1;
    words >> what >> network >> batch >> seconds;
    VALIDATE(words && (what == "infer" || what == "train") &&
                 (network == "svdd" || network == "autoencoder"),
             "request \"{}\" (not understood) write infer|train svdd|autoencoder BATCH SECONDS",
             line);
    auto const graph = network == "svdd" ? models::svdd() : models::autoencoder();
    if (what == "infer")
      infer(graph, batch, seconds);
    else
      train(graph, batch, seconds);
  }
} catch (core::Error const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
