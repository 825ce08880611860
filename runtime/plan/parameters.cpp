// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/parameters.hpp"

#include "core/error.hpp"

namespace crossjoule::runtime {
namespace {

template <class Space, class T>
void point_at(T const* flat, Program const& program, Step const& step,
              kernels::LinearWeights<Space, T>& weights) {
  std::int64_t const outputs = program.values[step.result].columns;
  std::int64_t const inputs = program.values[step.inputs[0]].columns;
  weights.weight = kernels::rows_view<Space, T const>(flat + step.weight, outputs, inputs, inputs);
  if (step.bias >= 0) weights.bias = kernels::row_view<Space, T const>(flat + step.bias, outputs);
}

}  // namespace

template <class Space, class T>
Parameters<Space, T>::Parameters(Program const& program, Purpose purpose)
    : program_(program), weights_(program.steps.size()) {
  std::int64_t total = 0;
  std::vector<std::int64_t> forward(program.steps.size()), backward(program.steps.size());
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    Step const& step = program.steps[s];
    if (step.weight < 0) continue;
    std::int64_t const outputs = program.values[step.result].columns;
    std::int64_t const inputs = program.values[step.inputs[0]].columns;
    forward[s] = kernels::packed_size<Space, T>(outputs, inputs);
    if (purpose == Purpose::training && step.input_gradients[0].is_wanted)
      backward[s] = kernels::packed_size<Space, T>(inputs, outputs);
    total += forward[s] + backward[s];
  }
  packed_ = Buffer("runtime::Plan::packed", static_cast<std::size_t>(total));
  T* place = packed_.data();
  for (std::size_t s = 0; s < program.steps.size(); ++s) {  // forward forms lie side by side
    if (forward[s] > 0) weights_[s].packed = kernels::row_view<Space, T>(place, forward[s]);
    place += forward[s];
  }
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    if (backward[s] > 0)
      weights_[s].packed_transposed = kernels::row_view<Space, T>(place, backward[s]);
    place += backward[s];
  }
  if constexpr (!kernels::is_host<Space>) {
    flat_ = Buffer("runtime::Plan::parameters", static_cast<std::size_t>(program.layout.words));
    for (std::size_t s = 0; s < program.steps.size(); ++s)
      if (program.steps[s].weight >= 0)
        point_at<Space, T>(flat_.data(), program, program.steps[s], weights_[s]);
  }
}

template <class Space, class T>
void Parameters<Space, T>::set(std::span<T const> values) {
  VALIDATE_AS(
      ExitCode::internal, static_cast<std::int64_t>(values.size()) == program_.layout.words,
      "{} parameters given ({} belong to network \"{}\", padding included) use its ParamLayout",
      values.size(), program_.layout.words, program_.graph.name);
  if constexpr (kernels::is_host<Space>) {
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      if (program_.steps[s].weight < 0) continue;
      kernels::LinearWeights<Space, T> source = weights_[s];
      point_at<Space, T>(values.data(), program_, program_.steps[s], source);
      kernels::pack<Space, T>(space_, source);
    }
  } else {
    Kokkos::deep_copy(
        flat_, Kokkos::View<T const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(
                   values.data(), values.size()));
  }
}

#define CROSSJOULE_INSTANTIATE(S, T) template class Parameters<S, T>;
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
