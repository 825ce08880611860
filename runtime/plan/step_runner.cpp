// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/step_runner.hpp"

#include "core/error.hpp"
#include "kernels/activation.hpp"
#include "kernels/cpu/pointwise.hpp"
#include "kernels/linear.hpp"
#include "kernels/objectives.hpp"
#include "models/overloaded.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

template <class T>
using HostSpan = Kokkos::View<T*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Values of a training plan live on until backward; those of an inference plan until their last
/// reader has run.
std::vector<Lifetime> value_lifetimes(Program const& program,
                                      std::vector<std::int64_t> const& strides,
                                      std::int64_t samples, Purpose purpose) {
  int const end = static_cast<int>(program.steps.size());
  std::vector<Lifetime> all(program.values.size());
  for (int s = 0; s < end; ++s) {
    Step const& step = program.steps[s];
    all[step.result] = {s, purpose == Purpose::training || step.result == program.output ? end : s,
                        samples * program.values[step.result].rows * strides[step.result]};
    for (models::NodeId const id : step.inputs) all[id].last = std::max(all[id].last, s);
  }
  return all;
}

/// Gradients live from the first reader that backward meets to the step that made the value.
std::vector<Lifetime> gradient_lifetimes(Program const& program,
                                         std::vector<std::int64_t> const& strides,
                                         std::int64_t samples) {
  int const end = static_cast<int>(program.steps.size());
  std::vector<Lifetime> all(program.values.size());
  for (int s = end - 1; s >= 0; --s) {
    Step const& step = program.steps[s];
    all[step.result].last = end - s;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      models::NodeId const id = step.inputs[i];
      if (!step.input_gradients[i].is_wanted || all[id].size > 0) continue;
      all[id].first = end - s;
      all[id].size = samples * program.values[id].rows * strides[id];
    }
  }
  return all;
}

template <class View>
std::int64_t bytes(View const& view) {
  return static_cast<std::int64_t>(view.size() * sizeof(typename View::value_type));
}

}  // namespace

template <class Space, class T>
StepRunner<Space, T>::StepRunner(Program const& program, Parameters<Space, T> const& parameters,
                                 Purpose purpose, std::int64_t max_batch)
    : program_(program), parameters_(parameters), max_batch_(max_batch) {
  for (Value const& value : program.values)
    strides_.push_back(kernels::row_stride<Space, T>(value.columns));
  strides_[program.input] = program.values[program.input].columns;
  std::int64_t widest = program.values[program.input].size();
  for (Step const& step : program.steps) {
    if (models::is_objective(step.op)) strides_[step.result] = 1;
    widest = std::max(widest, program.values[step.result].rows * strides_[step.result]);
  }
  values_arena_ = arrange(value_lifetimes(program, strides_, max_batch, purpose));
  values_ = Buffer("runtime::Plan::values", values_arena_.size);
  objectives_ = Buffer("runtime::Plan::objectives", max_batch);
  scratch_ = Buffer("runtime::Plan::scratch", kernels::weight_gradient_scratch<Space, T>(space_));
  if (purpose == Purpose::training) {
    gradients_arena_ = arrange(gradient_lifetimes(program, strides_, max_batch));
    gradients_ = Buffer("runtime::Plan::gradients", gradients_arena_.size);
  }
  if constexpr (!kernels::is_host<Space>) {
    input_ = Buffer("runtime::Plan::input", max_batch * program.values[program.input].size());
    host_values_ = HostBuffer("runtime::Plan::host_values", max_batch * widest);
    if (purpose == Purpose::training)
      parameter_gradients_ = Buffer("runtime::Plan::parameter_gradients", program.layout.words);
  }
}

template <class Space, class T>
std::int64_t StepRunner<Space, T>::workspace_bytes() const {
  return bytes(values_) + bytes(gradients_) + bytes(objectives_) + bytes(scratch_) + bytes(input_) +
         bytes(parameter_gradients_) + bytes(host_values_);
}

template <class Space, class T>
kernels::Row<Space, T> StepRunner<Space, T>::objectives() const {
  return kernels::row_view<Space, T>(objectives_.data(), batch_);
}

template <class Space, class T>
void StepRunner<Space, T>::take_input(std::span<T const> input, std::int64_t batch) {
  batch_ = batch;
  if constexpr (kernels::is_host<Space>) {
    input_data_ = input.data();
  } else {
    std::pair<std::size_t, std::size_t> const used(0, input.size());
    Kokkos::deep_copy(space_, Kokkos::subview(input_, used),
                      HostSpan<T const>(input.data(), input.size()));
    input_data_ = input_.data();
  }
}

template <class Space, class T>
void StepRunner<Space, T>::forward() {
  for (std::size_t s = 0; s < program_.steps.size(); ++s)
    forward(program_.steps[s], parameters_.of(s));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(Step const& step,
                                   kernels::LinearWeights<Space, T> const& weights) {
  auto const x = value(step.inputs[0]);
  auto const y = result(step.result);
  auto const numbers = step.result == program_.objective
                           ? objectives()
                           : kernels::row_view<Space, T>(y.data(), batch_);
  int const rows = static_cast<int>(program_.values[step.inputs[0]].rows);
  std::visit(
      models::Overloaded{
          [](models::Input const&) {},
          [&](models::Linear const&) {
            kernels::linear<Space, T>(space_, x, weights, step.epilogue, y);
          },
          [&](models::Activation const&) {
            kernels::activate<Space, T>(space_, step.epilogue, x, {}, y);
          },
          [&](models::Add const&) { kernels::add<Space, T>(space_, x, value(step.inputs[1]), y); },
          [&](models::SquaredDistance const& op) {
            kernels::squared_distance<Space, T>(space_, x, rows, op.centre, numbers);
          },
          [&](models::MeanSquaredError const&) {
            kernels::mean_squared_error<Space, T>(space_, x, value(step.inputs[1]), rows, numbers);
          },
          [](auto const&) {
            core::fail(core::ExitCode::internal, "no kernel runs this operation yet");
          }},
      step.op);
}

/// Bring a value to the host without the padding of its rows.
template <class Space, class T>
void StepRunner<Space, T>::fetch(kernels::Rows<Space, T const> from, std::int64_t rows,
                                 std::span<T> into) {
  std::int64_t const columns = from.extent(1), stride = kernels::stride_of(from);
  VALIDATE_AS(ExitCode::internal, static_cast<std::int64_t>(into.size()) == rows * columns,
              "room for {} numbers given ({} were asked for) size it from the shapes", into.size(),
              rows * columns);
  T const* data = from.data();
  if constexpr (!kernels::is_host<Space>) {
    std::pair<std::size_t, std::size_t> const used(0, rows * stride);
    Kokkos::deep_copy(space_, Kokkos::subview(host_values_, used),
                      Kokkos::View<T const*, typename Space::memory_space,
                                   Kokkos::MemoryTraits<Kokkos::Unmanaged>>(data, rows * stride));
    space_.fence();
    data = host_values_.data();
  }
  for (std::int64_t r = 0; r < rows; ++r)
    std::copy_n(data + r * stride, columns, into.data() + r * columns);
}

template <class Space, class T>
void StepRunner<Space, T>::infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
                                 std::span<T> objective) {
  std::int64_t const in = program_.values[program_.input].size();
  Value const& answer = program_.values[program_.output];
  for (std::int64_t first = 0; first < batch; first += max_batch_) {
    std::int64_t const count = std::min(max_batch_, batch - first);
    take_input(input.subspan(first * in, count * in), count);
    forward();
    if (!output.empty())
      fetch(value(program_.output), count * answer.rows,
            output.subspan(first * answer.size(), count * answer.size()));
    if (!objective.empty())
      fetch(kernels::rows_view<Space, T const>(objectives_.data(), count, 1, 1), count,
            objective.subspan(first, count));
    space_.fence();
  }
}

template <class Space, class T>
double StepRunner<Space, T>::loss_and_gradient(std::span<T const> input, std::int64_t batch,
                                               std::span<T> gradient) {
  take_input(input, batch);
  forward();
  if constexpr (kernels::is_host<Space>) {
    std::fill(gradient.begin(), gradient.end(), T{0});
    backward(gradient.data());
    space_.fence();
    return kernels::cpu::tree_sum(objectives_.data(), batch);
  } else {
    Kokkos::deep_copy(space_, parameter_gradients_, T{0});
    backward(parameter_gradients_.data());
    Kokkos::deep_copy(space_, HostSpan<T>(gradient.data(), gradient.size()), parameter_gradients_);
    std::pair<std::size_t, std::size_t> const used(0, batch);
    Kokkos::deep_copy(space_, Kokkos::subview(host_values_, used),
                      Kokkos::subview(objectives_, used));
    space_.fence();
    return kernels::cpu::tree_sum(host_values_.data(), batch);
  }
}

template <class Space, class T>
void StepRunner<Space, T>::activation(models::NodeId node, std::span<T> into) {
  std::int64_t const rows = batch_ * program_.values[node].rows;
  if (node == program_.objective)
    return fetch(kernels::rows_view<Space, T const>(objectives_.data(), batch_, 1, 1), batch_,
                 into);
  if (program_.values[node].is_stored) return fetch(value(node), rows, into);
  // the pre-activation of a fused layer: computed again, in the place of its gradient
  for (std::size_t s = 0; s < program_.steps.size(); ++s) {
    Step const& step = program_.steps[s];
    if (step.node != node) continue;
    auto const again = step.has_gradient ? gradient_of(step.result) : result(step.result);
    kernels::linear<Space, T>(space_, value(step.inputs[0]), parameters_.of(s), {}, again);
    fetch(again, rows, into);
    if (!step.has_gradient) forward(step, parameters_.of(s));
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                      \
  template StepRunner<S, T>::StepRunner(Program const&, Parameters<S, T> const&, Purpose, \
                                        std::int64_t);                                    \
  template void StepRunner<S, T>::infer(std::span<T const>, std::int64_t, std::span<T>,   \
                                        std::span<T>);                                    \
  template double StepRunner<S, T>::loss_and_gradient(std::span<T const>, std::int64_t,   \
                                                      std::span<T>);                      \
  template void StepRunner<S, T>::activation(models::NodeId, std::span<T>);               \
  template std::int64_t StepRunner<S, T>::workspace_bytes() const;
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
