// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/rollout.hpp"

#include "core/error.hpp"
#include "models/unroll.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

struct Sizes {
  std::int64_t state = 0, input = 0;
};

Sizes sizes_of(models::Graph const& graph) {
  auto const shapes = models::shapes(graph);
  auto const inputs = models::input_nodes(graph);
  VALIDATE(inputs.size() == 1, "network '{}' has {} inputs (a forecast needs one) train another",
           graph.name, inputs.size());
  auto const& in = shapes[static_cast<std::size_t>(inputs[0])];
  auto const& out = shapes[static_cast<std::size_t>(models::output_node(graph))];
  // a vector has one axis: any output no longer than the input will do
  bool const same_grid =
      in.axes.size() == out.axes.size() &&
      std::equal(in.axes.begin() + 1, in.axes.end(), out.axes.begin() + 1,
                 [](auto const& a, auto const& b) { return a.extent == b.extent; });
  VALIDATE(same_grid && out.size() <= in.size(),
           "network '{}' makes {} of {} (its output must be a first part of its next input) set "
           "network.channels_out to the number of forecast channels",
           graph.name, models::to_string(out), models::to_string(in));
  return {out.size(), in.size()};
}

}  // namespace

template <class T>
Rollout<T>::Rollout(models::Graph const& graph, std::span<T const> parameters,
                    kernels::Device device, std::int64_t max_batch)
    : state_size_(sizes_of(models::without_objective(graph)).state),
      input_size_(sizes_of(models::without_objective(graph)).input),
      max_batch_(max_batch),
      plan_(models::without_objective(graph), {device, Purpose::inference, max_batch}) {
  plan_.set_parameters(parameters);
  inputs_.resize(static_cast<std::size_t>(max_batch * input_size_));
}

template <class T>
void Rollout<T>::advance(std::span<T> states, std::span<T const> forcing, std::int64_t batch) {
  EXPECT(batch >= 1 && batch <= max_batch_);
  auto const state = static_cast<std::size_t>(state_size_);
  auto const extra = static_cast<std::size_t>(forcing_size());
  auto const count = static_cast<std::size_t>(batch);
  EXPECT(states.size() == count * state && forcing.size() == count * extra);
  // the copy keeps the plan from reading what it writes
  for (std::size_t b = 0; b < count; ++b) {
    auto const into = inputs_.begin() + static_cast<std::ptrdiff_t>(b * (state + extra));
    std::ranges::copy(states.subspan(b * state, state), into);
    std::ranges::copy(forcing.subspan(b * extra, extra), into + static_cast<std::ptrdiff_t>(state));
  }
  plan_.infer(std::span<T const>(inputs_).first(count * (state + extra)), batch, states, {});
}

template class Rollout<float>;
template class Rollout<double>;

}  // namespace crossjoule::runtime
