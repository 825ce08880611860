// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/parameters.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

/// From so many rows on, packing a weight costs less than a hundredth of its product.
constexpr std::int64_t rows_worth_packing = 4096;

/// Inputs and outputs of a dense layer or of a convolution.
struct Extents {
  std::int64_t outputs = 0, inputs = 0;
};
Extents dense_extents(Program const& program, Step const& step) {
  auto const outputs = program.values[step.result].columns;
  std::size_t const weight = std::holds_alternative<models::PatchEmbed>(step.op) &&
                                     std::get<models::PatchEmbed>(step.op).position
                                 ? 1
                                 : 0;
  return {outputs, step.tensors[weight].size / outputs};
}
/// Of one block of a complex layer, in complex numbers.
struct ComplexExtents {
  std::int64_t blocks = 0, inputs = 0, outputs = 0;
};
ComplexExtents complex_extents(Program const& program, Step const& step) {
  models::Shape const& shape = program.shapes[step.inputs[0]];
  return {shape.axes[shape.axes.size() - 2].extent, shape.last() / 2,
          program.values[step.result].columns / 2};
}

bool is_dense(Step const& step) {
  return std::holds_alternative<models::Linear>(step.op) ||
         std::holds_alternative<models::Conv2d>(step.op) ||
         std::holds_alternative<models::PatchEmbed>(step.op);
}
bool is_complex(Step const& step) { return std::holds_alternative<models::ComplexLinear>(step.op); }

/// Rows of the product of one sample.
std::int64_t rows_of(Program const& program, Step const& step) {
  std::int64_t const rows = program.values[step.result].rows;
  return is_complex(step) ? rows / complex_extents(program, step).blocks : rows;
}

/// Tensors that are read as they are: all of a norm, the position table of an embedding.
std::size_t plain_tensors(Step const& step) {
  if (std::holds_alternative<models::LayerNorm>(step.op) ||
      std::holds_alternative<models::BatchNorm>(step.op))
    return step.tensors.size();
  if (auto const* embed = std::get_if<models::PatchEmbed>(&step.op)) return embed->position ? 1 : 0;
  return 0;
}

std::int64_t rounded(std::int64_t numbers) { return (numbers + 15) / 16 * 16; }

}  // namespace

template <class Space, class T>
ParameterSizes<Space, T>::ParameterSizes(Program const& program, PlanOptions const& options)
    : weights(program.values.size()),
      in_place(kernels::is_host<Space> && options.access == ParameterAccess::in_place) {
  if constexpr (!kernels::is_host<Space>) flat = program.layout.words;
  for (Step const& step : program.steps) {
    Weights& mine = weights[step.owner];
    bool const goes_back = options.purpose == Purpose::training && step.has_gradient &&
                           step.input_gradients[0].is_wanted;
    if (is_dense(step)) {
      auto const [outputs, inputs] = dense_extents(program, step);
      mine.packed = kernels::packed_size<Space, T>(outputs, inputs);
      if (goes_back) mine.packed_transposed = kernels::packed_size<Space, T>(inputs, outputs);
    } else if (is_complex(step)) {
      auto const [blocks, inputs, outputs] = complex_extents(program, step);
      mine.packed = kernels::complex_packed_size<Space, T>(blocks, inputs, outputs);
      if (goes_back)
        mine.packed_transposed =
            kernels::complex_transposed_size<Space, T>(blocks, inputs, outputs);
    }
    mine.is_packed_on_use =
        in_place && rows_of(program, step) * options.max_batch >= rows_worth_packing;
    if (flat > 0 || in_place || mine.plain >= 0 || plain_tensors(step) == 0) continue;
    mine.plain = plain;
    for (std::size_t k = 0; k < plain_tensors(step); ++k) plain += rounded(step.tensors[k].size);
  }
  for (Weights const& each : weights) {
    if (each.is_packed_on_use)
      on_use = std::max({on_use, each.packed, each.packed_transposed});
    else
      packed += rounded(each.packed) + rounded(each.packed_transposed);
  }
}

template <class Space, class T>
Parameters<Space, T>::Parameters(Program const& program, PlanOptions const& options)
    : program_(program),
      sizes_(program, options),
      flat_(kernels::zeros<Space, T>("runtime::Plan::parameters", sizes_.flat)),
      packed_(kernels::zeros<Space, T>("runtime::Plan::packed", sizes_.packed)),
      on_use_(kernels::zeros<Space, T>("runtime::Plan::packed_on_use", sizes_.on_use)),
      plain_(kernels::zeros<Space, T>("runtime::Plan::plain_parameters", sizes_.plain)),
      packed_at_(sizes_.weights.size()),
      transposed_at_(sizes_.weights.size()) {
  std::vector<bool> met(sizes_.weights.size(), false);
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    Step const& step = program.steps[s];
    if (!step.tensors.empty() && !met[step.owner]) first_users_.push_back(s);
    met[step.owner] = true;
  }
  std::int64_t place = 0;
  auto const take = [&](std::int64_t numbers) {
    std::int64_t const start = place;
    place += rounded(numbers);
    return start;
  };
  for (std::size_t id = 0; id < packed_at_.size(); ++id)  // forward forms lie side by side
    if (!sizes_.weights[id].is_packed_on_use) packed_at_[id] = take(sizes_.weights[id].packed);
  for (std::size_t id = 0; id < packed_at_.size(); ++id)
    if (!sizes_.weights[id].is_packed_on_use)
      transposed_at_[id] = take(sizes_.weights[id].packed_transposed);
}

template <class Space, class T>
kernels::LinearWeights<Space, T> Parameters<Space, T>::linear_at(Step const& step,
                                                                 T const* flat) const {
  auto const [outputs, inputs] = dense_extents(program_, step);
  std::size_t const first = plain_tensors(step);
  kernels::LinearWeights<Space, T> weights;
  if (!flat) return weights;
  weights.weight = kernels::rows_view<Space, T const>(flat + step.tensors[first].offset, outputs,
                                                      inputs, inputs);
  if (step.tensors.size() > first + 1)
    weights.bias =
        kernels::row_view<Space, T const>(flat + step.tensors[first + 1].offset, outputs);
  return weights;
}

template <class Space, class T>
kernels::ComplexWeights<Space, T> Parameters<Space, T>::complex_at(Step const& step,
                                                                   T const* flat) const {
  auto const [blocks, inputs, outputs] = complex_extents(program_, step);
  kernels::ComplexWeights<Space, T> weights;
  weights.blocks = blocks;
  weights.inputs = inputs;
  weights.outputs = outputs;
  if (!flat) return weights;
  weights.weight =
      kernels::row_view<Space, T const>(flat + step.tensors[0].offset, step.tensors[0].size);
  weights.bias =
      kernels::row_view<Space, T const>(flat + step.tensors[1].offset, step.tensors[1].size);
  return weights;
}

template <class Space, class T>
template <class Weights>
void Parameters<Space, T>::point_at_kept(Weights& weights, Step const& step) const {
  auto const& mine = sizes_.weights[step.owner];
  if (mine.is_packed_on_use) return;
  weights.packed =
      kernels::row_view<Space, T>(packed_.data() + packed_at_[step.owner], mine.packed);
  weights.packed_transposed = kernels::row_view<Space, T>(
      packed_.data() + transposed_at_[step.owner], mine.packed_transposed);
}

/// The packed form that a task reads: the one that is kept, or made now.
template <class Space, class T>
template <class Weights>
Weights Parameters<Space, T>::ready_for(Weights weights, Step const& step, Task task) const {
  auto const& mine = sizes_.weights[step.owner];
  point_at_kept(weights, step);
  if (!mine.is_packed_on_use || task == Task::parameters) return weights;
  auto& form = task == Task::inputs ? weights.packed_transposed : weights.packed;
  form = kernels::row_view<Space, T>(on_use_.data(),
                                     task == Task::inputs ? mine.packed_transposed : mine.packed);
  kernels::pack<Space, T>(space_, weights);
  return weights;
}

template <class Space, class T>
kernels::LinearWeights<Space, T> Parameters<Space, T>::linear(Step const& step, Task task) const {
  return ready_for(linear_at(step, flat()), step, task);
}
template <class Space, class T>
kernels::ComplexWeights<Space, T> Parameters<Space, T>::complex(Step const& step, Task task) const {
  return ready_for(complex_at(step, flat()), step, task);
}

template <class Space, class T>
kernels::Row<Space, T const> Parameters<Space, T>::tensor(Step const& step, std::size_t k) const {
  std::int64_t const size = step.tensors[k].size;
  if (flat()) return kernels::row_view<Space, T const>(flat() + step.tensors[k].offset, size);
  std::int64_t place = sizes_.weights[step.owner].plain;
  for (std::size_t before = 0; before < k; ++before) place += rounded(step.tensors[before].size);
  return kernels::row_view<Space, T const>(plain_.data() + place, size);
}

template <class Space, class T>
void Parameters<Space, T>::set(std::span<T const> values) {
  VALIDATE_AS(
      ExitCode::internal, static_cast<std::int64_t>(values.size()) == program_.layout.words,
      "{} parameters given ({} belong to network \"{}\", padding included) use its ParamLayout",
      values.size(), program_.layout.words, program_.graph.name);
  T const* source = values.data();
  if constexpr (!kernels::is_host<Space>) {
    Kokkos::deep_copy(
        flat_, Kokkos::View<T const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(
                   values.data(), values.size()));
    source = flat_.data();
  }
  if (sizes_.in_place) in_place_ = values.data();
  for (std::size_t const s : first_users_) {
    Step const& step = program_.steps[s];
    auto const pack = [&](auto weights) {
      point_at_kept(weights, step);
      if (weights.packed.size() > 0 || weights.packed_transposed.size() > 0)
        kernels::pack<Space, T>(space_, weights);
    };
    if (is_dense(step)) pack(linear_at(step, source));
    if (is_complex(step)) pack(complex_at(step, source));
    if (std::int64_t place = sizes_.weights[step.owner].plain; place >= 0)
      for (std::size_t k = 0; k < plain_tensors(step); place += rounded(step.tensors[k++].size))
        std::copy_n(values.data() + step.tensors[k].offset, step.tensors[k].size,
                    plain_.data() + place);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T)    \
  template struct ParameterSizes<S, T>; \
  template class Parameters<S, T>;
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
