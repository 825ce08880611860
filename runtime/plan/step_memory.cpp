// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/step_memory.hpp"

#include "kernels/complex_linear.hpp"
#include "kernels/convolution.hpp"
#include "kernels/fourier.hpp"
#include "kernels/layer_norm.hpp"
#include "kernels/linear.hpp"
#include "kernels/patches.hpp"
#include "models/overloaded.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

kernels::PatchGrid image(models::Shape const& shape, std::int64_t patch) {
  return {.channels = shape.axes[0].extent,
          .rows = shape.axes[1].extent,
          .columns = shape.axes[2].extent,
          .patch = patch};
}

/// Numbers of scratch that the kernels of one step want for `samples` samples.
template <class Space, class T>
std::int64_t scratch_of(Space const& space, Program const& program, Step const& step,
                        std::int64_t samples) {
  models::Shape const& input = program.shapes[step.inputs[0]];
  auto const fourier = [&] {
    return kernels::fourier_scratch<Space, T>(space, *fourier_grid(program, step), samples);
  };
  auto const none = [](auto const&) { return std::int64_t{0}; };
  return std::visit(
      models::Overloaded{
          [&](models::Linear const&) { return kernels::weight_gradient_scratch<Space, T>(space); },
          [&](models::LayerNorm const&) {
            return kernels::layer_norm_scratch<Space, T>(space, input.last());
          },
          [&](models::PatchEmbed const&) {
            return kernels::patch_embed_scratch<Space, T>(space, *patch_grid(program, step),
                                                          samples);
          },
          [&](models::Conv2d const&) {
            return kernels::conv2d_scratch<Space, T>(space, *window_grid(program, step));
          },
          [&](models::FourierTransform const&) { return fourier(); },
          [&](models::InverseFourierTransform const&) { return fourier(); },
          [&](models::ComplexLinear const& op) {
            return kernels::complex_weight_gradient_scratch<Space, T>(
                space, input.axes[input.axes.size() - 2].extent, input.last() / 2, op.out_features);
          },
          none},
      step.op);
}

}  // namespace

std::optional<kernels::PatchGrid> patch_grid(Program const& program, Step const& step) {
  if (auto const* embed = std::get_if<models::PatchEmbed>(&step.op))
    return image(program.shapes[step.inputs[0]], embed->patch);
  if (auto const* restore = std::get_if<models::PatchRestore>(&step.op))
    return image(program.shapes[step.result], restore->patch);
  return std::nullopt;
}

std::optional<kernels::WindowGrid> window_grid(Program const& program, Step const& step) {
  models::Shape const& input = program.shapes[step.inputs[0]];
  models::Window window;
  if (auto const* conv = std::get_if<models::Conv2d>(&step.op))
    window = conv->window;
  else if (auto const* pool = std::get_if<models::Pool2d>(&step.op))
    window = pool->window;
  else if (std::holds_alternative<models::GlobalAveragePool>(step.op))
    window = {.kernel_rows = input.axes[0].extent, .kernel_columns = input.axes[1].extent};
  else
    return std::nullopt;
  return kernels::WindowGrid{.rows = input.axes[0].extent,
                             .columns = input.axes[1].extent,
                             .features = input.last(),
                             .kernel_rows = window.kernel_rows,
                             .kernel_columns = window.kernel_columns,
                             .stride_rows = window.stride_rows,
                             .stride_columns = window.stride_columns,
                             .padding_rows = window.padding_rows,
                             .padding_columns = window.padding_columns};
}

std::optional<kernels::FourierGrid> fourier_grid(Program const& program, Step const& step) {
  auto const* forward = std::get_if<models::FourierTransform>(&step.op);
  auto const* inverse = std::get_if<models::InverseFourierTransform>(&step.op);
  if (!forward && !inverse) return std::nullopt;
  models::Shape const& grid = program.shapes[forward ? step.inputs[0] : step.result];
  models::Shape const& modes = program.shapes[forward ? step.result : step.inputs[0]];
  return kernels::FourierGrid{.rows = grid.axes[0].extent,
                              .columns = grid.axes[1].extent,
                              .first_row = forward ? forward->first_row : inverse->first_row,
                              .kept_rows = modes.axes[0].extent,
                              .kept_columns = modes.axes[1].extent,
                              .blocks = modes.axes[2].extent,
                              .features = grid.last()};
}

template <class Space, class T>
StepMemory<Space, T>::StepMemory(Space const& space, Program const& program,
                                 PlanOptions const& options) {
  std::int64_t const samples = options.max_batch;
  for (Value const& value : program.values)
    strides.push_back(kernels::row_stride<Space, T>(value.columns));
  for (models::NodeId const id : program.inputs) {
    strides[id] = program.values[id].columns;
    input_places.push_back(sample);
    sample += program.values[id].size();
  }
  if (program.objective >= 0) strides[program.objective] = 1;
  answers_in_place = kernels::is_host<Space> && options.purpose == Purpose::inference &&
                     program.output != program.objective;
  if (answers_in_place) strides[program.output] = program.values[program.output].columns;
  std::vector<std::int64_t> sizes;
  std::int64_t widest = sample;
  for (std::size_t id = 0; id < program.values.size(); ++id) {
    sizes.push_back(samples * program.values[id].rows * strides[id]);
    if (program.values[id].is_live)
      widest = std::max(widest, program.values[id].rows * strides[id]);
  }
  schedule = make_schedule(program, options.purpose, options.keep, sizes);
  objectives = samples;
  for (Step const& step : program.steps) {
    scratch = std::max(scratch, scratch_of<Space, T>(space, program, step, samples));
    if (auto const* error = std::get_if<models::RelativeError>(&step.op);
        error && error->weight != models::RowWeight::none)
      for (std::size_t k = 0; k < step.inputs.size(); k += 2)
        row_weights += program.shapes[step.inputs[k]].axes[1].extent;
  }
  splits_samples = samples > 1 && program.inputs.size() > 1;
  if (splits_samples) split_inputs = samples * sample;
  if (kernels::is_host<Space>) return;
  device_input = samples * sample;
  host_values = samples * widest;
  if (options.purpose == Purpose::training) device_gradients = program.layout.words;
}

#define CROSSJOULE_INSTANTIATE(S, T) template struct StepMemory<S, T>;
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
