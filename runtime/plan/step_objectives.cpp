// SPDX-License-Identifier: BSD-3-Clause
#include "kernels/objectives.hpp"
#include "runtime/plan/step_runner.hpp"

namespace crossjoule::runtime {

template <class Space, class T>
void StepRunner<Space, T>::forward(models::SquaredDistance const& op, Step const& step) {
  int const rows = static_cast<int>(program_.values[step.inputs[0]].rows);
  kernels::squared_distance<Space, T>(space_, value(step.inputs[0]), rows, op.centre, objectives());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::SquaredDistance const& op, Step const& step,
                                    Action const&) {
  kernels::squared_distance_gradient<Space, T>(space_, value(step.inputs[0]), op.centre,
                                               gradient_of(step.inputs[0]));
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::MeanSquaredError const&, Step const& step) {
  int const rows = static_cast<int>(program_.values[step.inputs[0]].rows);
  kernels::mean_squared_error<Space, T>(space_, value(step.inputs[0]), value(step.inputs[1]), rows,
                                        objectives());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::MeanSquaredError const&, Step const& step,
                                    Action const&) {
  int const rows = static_cast<int>(program_.values[step.inputs[0]].rows);
  kernels::mean_squared_error_gradient<Space, T>(
      space_, value(step.inputs[0]), value(step.inputs[1]), rows, gradient_of(step.inputs[0]));
}

template <class Space, class T>
kernels::RowWeights<Space, T> StepRunner<Space, T>::weights_of_pair(Step const& step,
                                                                    std::size_t pair) const {
  kernels::RowWeights<Space, T> weights;
  if (row_weights_.size() == 0) return weights;
  std::int64_t place = 0;
  auto const rows_of = [&](std::size_t k) {
    return program_.shapes[step.inputs[2 * k]].axes[1].extent;
  };
  for (std::size_t before = 0; before < pair; ++before) place += rows_of(before);
  weights.weight = kernels::row_view<Space, T const>(row_weights_.data() + place, rows_of(pair));
  weights.columns = program_.shapes[step.inputs[2 * pair]].axes[2].extent;
  return weights;
}

template <class Space, class T>
void StepRunner<Space, T>::forward(models::RelativeError const&, Step const& step) {
  for (std::size_t k = 0; k < step.inputs.size(); k += 2)
    kernels::relative_error<Space, T>(space_, batch_, value(step.inputs[k]),
                                      value(step.inputs[k + 1]), weights_of_pair(step, k / 2),
                                      k == 0 ? kernels::Gradient::replace : kernels::Gradient::add,
                                      objectives());
}

template <class Space, class T>
void StepRunner<Space, T>::backward(models::RelativeError const&, Step const& step, Action const&) {
  for (std::size_t k = 0; k < step.inputs.size(); k += 2)
    if (step.input_gradients[k].is_wanted)
      kernels::relative_error_gradient<Space, T>(
          space_, batch_, value(step.inputs[k]), value(step.inputs[k + 1]),
          weights_of_pair(step, k / 2), mode(step.input_gradients[k]), gradient_of(step.inputs[k]));
}

#define CROSSJOULE_OP(S, T, Op)                                            \
  template void StepRunner<S, T>::forward(models::Op const&, Step const&); \
  template void StepRunner<S, T>::backward(models::Op const&, Step const&, Action const&);
#define CROSSJOULE_INSTANTIATE(S, T)    \
  CROSSJOULE_OP(S, T, SquaredDistance)  \
  CROSSJOULE_OP(S, T, MeanSquaredError) \
  CROSSJOULE_OP(S, T, RelativeError)
CROSSJOULE_FOR_SPACES(CROSSJOULE_INSTANTIATE)

}  // namespace crossjoule::runtime
