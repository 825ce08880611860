// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/step_runner.hpp"

#include "core/error.hpp"
#include "kernels/activation.hpp"
#include "kernels/cpu/pointwise.hpp"

#include <algorithm>
#include <tuple>

namespace crossjoule::runtime {
namespace {

template <class T>
using HostSpan = Kokkos::View<T*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

auto key(kernels::FourierGrid const& grid) {
  return std::tuple(grid.rows, grid.columns, grid.first_row, grid.kept_rows, grid.kept_columns,
                    grid.blocks, grid.features);
}

/// What no step of the way back writes: padding, and parameters without a gradient.
std::vector<TensorPlace> unwritten(Program const& program) {
  std::vector<bool> is_written(program.layout.tensors.size(), false);
  for (Step const& step : program.steps)
    for (TensorPlace const& place : step.tensors)
      for (std::size_t t = 0; step.has_gradient && t < is_written.size(); ++t)
        if (program.layout.tensors[t].offset == place.offset) is_written[t] = true;
  std::vector<TensorPlace> gaps;
  std::int64_t end = 0;  // of what is written so far
  auto const skip_to = [&](std::int64_t place) {
    if (place > end) gaps.push_back({end, place - end});
  };
  for (std::size_t t = 0; t < is_written.size(); ++t) {
    if (!is_written[t]) continue;
    skip_to(program.layout.tensors[t].offset);
    end = program.layout.tensors[t].offset + program.layout.tensors[t].parameter.size();
  }
  skip_to(program.layout.words);
  return gaps;
}

}  // namespace

template <class Space, class T>
StepRunner<Space, T>::StepRunner(Program const& program, Parameters<Space, T> const& parameters,
                                 PlanOptions const& options)
    : program_(program),
      parameters_(parameters),
      max_batch_(options.max_batch),
      keeps_everything_(options.keep == Keep::everything),
      memory_(space_, program, options),
      arena_(kernels::zeros<Space, T>("runtime::Plan::values", memory_.schedule.size)),
      objectives_(kernels::zeros<Space, T>("runtime::Plan::objectives", memory_.objectives)),
      scratch_(kernels::zeros<Space, T>("runtime::Plan::scratch", memory_.scratch)),
      split_inputs_(kernels::zeros<Space, T>("runtime::Plan::inputs", memory_.split_inputs)),
      input_(kernels::zeros<Space, T>("runtime::Plan::samples", memory_.device_input)),
      parameter_gradients_(
          kernels::zeros<Space, T>("runtime::Plan::parameter_gradients", memory_.device_gradients)),
      row_weights_(kernels::zeros<Space, T>("runtime::Plan::row_weights", memory_.row_weights)),
      host_values_(
          kernels::zeros<kernels::HostSpace, T>("runtime::Plan::host_values", memory_.host_values)),
      table_of_(program.values.size(), -1),
      unwritten_(unwritten(program)),
      places_(program.values.size(), nullptr) {
  for (Step const& step : program.steps) {
    if (auto const grid = fourier_grid(program, step)) {
      auto const known = std::find_if(tables_.begin(), tables_.end(), [&](auto const& tables) {
        return key(tables.grid()) == key(*grid);
      });
      table_of_[step.node] = static_cast<int>(known - tables_.begin());
      if (known == tables_.end()) tables_.emplace_back(space_, *grid);
    }
    auto const* error = std::get_if<models::RelativeError>(&step.op);
    if (!error || error->weight == models::RowWeight::none) continue;
    std::vector<T> weights;
    for (std::size_t k = 0; k < step.inputs.size(); k += 2)
      for (double const weight :
           models::row_weights(*error, program.shapes[step.inputs[k]].axes[1].extent))
        weights.push_back(static_cast<T>(weight));
    Kokkos::deep_copy(row_weights_, HostSpan<T const>(weights.data(), weights.size()));
  }
}

template <class Space, class T>
std::int64_t StepRunner<Space, T>::workspace_bytes() const {
  std::int64_t total = memory_.value_bytes() + memory_.other_bytes();
  for (auto const& tables : tables_) total += tables.bytes();
  return total;
}

/// Point at the values of the Input nodes: in the caller's samples where they lie side by side
/// there, else in copies.
template <class Space, class T>
void StepRunner<Space, T>::take_input(std::span<T const> input, std::int64_t batch) {
  batch_ = batch;
  T const* samples = input.data();
  if constexpr (!kernels::is_host<Space>) {
    std::pair<std::size_t, std::size_t> const used(0, input.size());
    Kokkos::deep_copy(space_, Kokkos::subview(input_, used),
                      HostSpan<T const>(input.data(), input.size()));
    samples = input_.data();
  }
  for (std::size_t k = 0; k < program_.inputs.size(); ++k) {
    models::NodeId const id = program_.inputs[k];
    std::int64_t const size = program_.values[id].size();
    places_[id] = samples + memory_.input_places[k];
    if (!memory_.splits_samples || batch == 1) continue;
    T* const copy = split_inputs_.data() + max_batch_ * memory_.input_places[k];
    kernels::activate<Space, T>(
        space_, {}, kernels::rows_view<Space, T const>(places_[id], batch, size, memory_.sample),
        {}, kernels::rows_view<Space, T>(copy, batch, size, size));
    places_[id] = copy;
  }
}

template <class Space, class T>
void StepRunner<Space, T>::run(Action const& action) {
  Step const& step = program_.steps[action.step];
  if (action.task == Task::forward) {
    bool const is_answer = answer_ && step.result == program_.output;
    places_[step.result] = is_answer ? answer_ : arena_.data() + action.place;
    std::visit([&](auto const& op) { forward(op, step); }, step.op);
  } else {
    std::visit([&](auto const& op) { backward(op, step, action); }, step.op);
  }
}

/// Bring a value to the host without the padding of its rows.
template <class Space, class T>
void StepRunner<Space, T>::fetch(ConstRows from, std::int64_t rows, std::span<T> into) {
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
    data = host_values_.data();
  }
  space_.fence();
  for (std::int64_t r = 0; r < rows; ++r)
    std::copy_n(data + r * stride, columns, into.data() + r * columns);
}

template <class Space, class T>
void StepRunner<Space, T>::infer(std::span<T const> input, std::int64_t batch, std::span<T> output,
                                 std::span<T> objective) {
  Value const& answer = program_.values[program_.output];
  for (std::int64_t first = 0; first < batch; first += max_batch_) {
    std::int64_t const count = std::min(max_batch_, batch - first);
    take_input(input.subspan(first * memory_.sample, count * memory_.sample), count);
    std::span<T> const answers =
        output.empty() ? output : output.subspan(first * answer.size(), count * answer.size());
    answer_ = memory_.answers_in_place && !output.empty() ? answers.data() : nullptr;
    for (std::size_t a = 0; a < memory_.schedule.forward_count; ++a) {
      Action const& action = memory_.schedule.actions[a];
      bool const is_objective = program_.steps[action.step].result == program_.objective;
      if (!is_objective || !objective.empty()) run(action);
    }
    if (!output.empty() && places_[program_.output] != answers.data())
      fetch(value(program_.output), count * answer.rows, answers);
    if (!objective.empty())
      fetch(kernels::rows_view<Space, T const>(objectives_.data(), count, 1, 1), count,
            objective.subspan(first, count));
    space_.fence();
  }
}

template <class Space, class T>
void StepRunner<Space, T>::clear_unwritten(T* gradient) const {
  for (TensorPlace const& gap : unwritten_) {
    auto const view = kernels::row_view<Space, T>(gradient + gap.offset, gap.size);
    if constexpr (kernels::is_host<Space>)
      std::fill_n(view.data(), gap.size, T{0});
    else
      Kokkos::deep_copy(space_, view, T{0});
  }
}

template <class Space, class T>
double StepRunner<Space, T>::loss_and_gradient(std::span<T const> input, std::int64_t batch,
                                               std::span<T> gradient) {
  take_input(input, batch);
  gradients_ = kernels::is_host<Space> ? gradient.data() : parameter_gradients_.data();
  clear_unwritten(gradients_);
  for (Action const& action : memory_.schedule.actions) run(action);
  T const* objectives = objectives_.data();
  if constexpr (!kernels::is_host<Space>) {
    Kokkos::deep_copy(space_, HostSpan<T>(gradient.data(), gradient.size()), parameter_gradients_);
    std::pair<std::size_t, std::size_t> const used(0, batch);
    Kokkos::deep_copy(space_, Kokkos::subview(host_values_, used),
                      Kokkos::subview(objectives_, used));
    objectives = host_values_.data();
  }
  space_.fence();
  return kernels::cpu::tree_sum(objectives, batch);
}

template <class Space, class T>
void StepRunner<Space, T>::activation(models::NodeId node, std::span<T> into) {
  VALIDATE_AS(ExitCode::internal, keeps_everything_,
              "the value of node \"{}\" was asked for (the plan does not keep it) make a plan with "
              "Keep::everything",
              program_.graph.nodes[node].name);
  VALIDATE_AS(ExitCode::internal, program_.values[node].is_live,
              "the value of node \"{}\" was asked for (the network's last node does not depend on "
              "it, so it is never computed) ask for a live node",
              program_.graph.nodes[node].name);
  if (node == program_.objective)
    return fetch(kernels::rows_view<Space, T const>(objectives_.data(), batch_, 1, 1), batch_,
                 into);
  fetch(value(node), batch_ * program_.values[node].rows, into);
}

template <class Space, class T>
void StepRunner<Space, T>::gradient(models::NodeId node, std::span<T> into) {
  VALIDATE_AS(ExitCode::internal, keeps_everything_,
              "the gradient of node \"{}\" was asked for (the plan does not keep it) make a plan "
              "with Keep::everything",
              program_.graph.nodes[node].name);
  VALIDATE_AS(ExitCode::internal, has_gradient(node),
              "the gradient of node \"{}\" was asked for (none flows there) ask for a node that "
              "the objective depends on",
              program_.graph.nodes[node].name);
  fetch(gradient_of(node), batch_ * program_.values[node].rows, into);
}

#define CROSSJOULE_INSTANTIATE(S, T)                                                    \
  template StepRunner<S, T>::StepRunner(Program const&, Parameters<S, T> const&,        \
                                        PlanOptions const&);                            \
  template void StepRunner<S, T>::infer(std::span<T const>, std::int64_t, std::span<T>, \
                                        std::span<T>);                                  \
  template double StepRunner<S, T>::loss_and_gradient(std::span<T const>, std::int64_t, \
                                                      std::span<T>);                    \
  template void StepRunner<S, T>::activation(models::NodeId, std::span<T>);             \
  template void StepRunner<S, T>::gradient(models::NodeId, std::span<T>);               \
  template std::int64_t StepRunner<S, T>::workspace_bytes() const;
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
