// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "kernels/activation.hpp"
#include "kernels/linear.hpp"
#include "kernels/objectives.hpp"
#include "models/overloaded.hpp"
#include "runtime/plan/step_runner.hpp"

namespace crossjoule::runtime {

/// Reverse order; every gradient is written before it is read (Program planned who comes first).
template <class Space, class T>
void StepRunner<Space, T>::backward(T* gradient) {
  for (std::size_t s = program_.steps.size(); s-- > 0;)
    if (program_.steps[s].has_gradient) backward(program_.steps[s], parameters_.of(s), gradient);
}

template <class Space, class T>
void StepRunner<Space, T>::backward(Step const& step,
                                    kernels::LinearWeights<Space, T> const& weights, T* gradient) {
  models::NodeId const from = step.inputs[0];
  bool const reaches_input = step.input_gradients[0].is_wanted;
  std::visit(models::Overloaded{
                 [](models::Input const&) {},
                 [&](models::Linear const&) { backward_linear(step, weights, gradient); },
                 [&](models::Activation const&) { backward_activation(step); },
                 [&](models::Add const&) { backward_add(step); },
                 [&](models::SquaredDistance const& op) {
                   if (reaches_input)
                     kernels::squared_distance_gradient<Space, T>(space_, value(from), op.centre,
                                                                  gradient_of(from));
                 },
                 [&](models::MeanSquaredError const&) {
                   if (reaches_input)
                     kernels::mean_squared_error_gradient<Space, T>(
                         space_, value(from), value(step.inputs[1]),
                         static_cast<int>(program_.values[from].rows), gradient_of(from));
                 },
                 [](auto const&) {
                   core::fail(core::ExitCode::internal, "no kernel runs this operation yet");
                 }},
             step.op);
}

template <class Space, class T>
void StepRunner<Space, T>::backward_linear(Step const& step,
                                           kernels::LinearWeights<Space, T> const& weights,
                                           T* gradient) {
  models::NodeId const from = step.inputs[0];
  InputGradient const& flow = step.input_gradients[0];
  auto const x = value(from);
  auto const dy = gradient_of(step.result);
  if (step.epilogue.kind != kernels::Epilogue::none && !step.gradient_is_ready)
    kernels::activate<Space, T>(space_,
                                {kernels::gradient_of(step.epilogue.kind), step.epilogue.alpha}, dy,
                                result(step.result), dy);
  std::int64_t const outputs = program_.values[step.result].columns;
  std::int64_t const inputs = program_.values[from].columns;
  kernels::Row<Space, T> bias_gradient;
  if (step.bias >= 0) bias_gradient = kernels::row_view<Space, T>(gradient + step.bias, outputs);
  kernels::linear_weight_gradient<Space, T>(
      space_, x, dy, kernels::rows_view<Space, T>(gradient + step.weight, outputs, inputs, inputs),
      bias_gradient, kernels::row_view<Space, T>(scratch_.data(), scratch_.size()));
  if (flow.is_wanted)
    kernels::linear_input_gradient<Space, T>(
        space_, dy, weights, flow.epilogue, x,
        flow.adds ? kernels::Gradient::add : kernels::Gradient::replace, gradient_of(from));
}

/// The derivative goes into the result's own gradient first: nobody needs that one afterwards.
template <class Space, class T>
void StepRunner<Space, T>::backward_activation(Step const& step) {
  InputGradient const& flow = step.input_gradients[0];
  if (!flow.is_wanted) return;
  auto const dy = gradient_of(step.result);
  auto const dx = gradient_of(step.inputs[0]);
  kernels::Fused const derivative{kernels::gradient_of(step.epilogue.kind), step.epilogue.alpha};
  kernels::Fused const as_is{};
  kernels::Fused const& factor = step.gradient_is_ready ? as_is : derivative;
  if (flow.adds) {
    kernels::activate<Space, T>(space_, factor, dy, result(step.result), dy);
    kernels::add<Space, T>(space_, dx, dy, dx);
  } else {
    kernels::activate<Space, T>(space_, factor, dy, result(step.result), dx);
  }
}

template <class Space, class T>
void StepRunner<Space, T>::backward_add(Step const& step) {
  auto const dy = gradient_of(step.result);
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    InputGradient const& flow = step.input_gradients[i];
    if (!flow.is_wanted) continue;
    auto const dx = gradient_of(step.inputs[i]);
    if (flow.adds)
      kernels::add<Space, T>(space_, dx, dy, dx);
    else
      kernels::activate<Space, T>(space_, {}, dy, {}, dx);
  }
}

#define CROSSJOULE_INSTANTIATE(S, T) template void StepRunner<S, T>::backward(T*);
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
