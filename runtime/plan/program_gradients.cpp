// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/program_gradients.hpp"

#include <algorithm>
#include <set>

namespace crossjoule::runtime {
namespace {

using models::NodeId;

/// By node: does a gradient have to get there?
std::vector<bool> wanted(Program const& program, Program::Gradients gradients) {
  std::vector<bool> depends(program.values.size(), gradients == Program::Gradients::of_all);
  if (gradients == Program::Gradients::of_all) return depends;
  for (Step const& step : program.steps)
    depends[step.result] =
        !step.tensors.empty() ||
        std::any_of(step.inputs.begin(), step.inputs.end(), [&](NodeId id) { return depends[id]; });
  return depends;
}

/// The gradient of a node on its way back: how many readers have given theirs, and the last one.
struct Arrival {
  int contributions = 0;
  InputGradient* last = nullptr;
  bool last_is_product = false;
};

/// Let the reader's product apply the derivative of the activation that ends `step`, if it is the
/// only reader.
void hand_derivative_to_reader(Step& step, Arrival const& arrival) {
  if (step.epilogue.kind == kernels::Epilogue::none || arrival.contributions != 1 ||
      !arrival.last_is_product)
    return;
  arrival.last->epilogue = {kernels::gradient_of(step.epilogue.kind), step.epilogue.alpha};
  arrival.last->operand =
      kernels::gradient_reads_input(step.epilogue.kind) ? step.inputs[0] : step.result;
  step.gradient_is_ready = true;
}

}  // namespace

void plan_gradients(Program& program, Program::Gradients gradients) {
  if (program.objective < 0) return;
  std::vector<bool> const depends = wanted(program, gradients);
  std::vector<Arrival> arrivals(program.values.size());
  std::set<NodeId> met;  // owners of parameters
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    Arrival const& arrival = arrivals[step->result];
    step->has_gradient = step->result == program.objective || arrival.contributions > 0;
    if (!step->has_gradient) continue;
    if (gradients == Program::Gradients::of_parameters) hand_derivative_to_reader(*step, arrival);
    step->adds_to_parameters = !step->tensors.empty() && !met.insert(step->owner).second;
    models::Node const& node = program.graph.nodes[step->node];
    for (std::size_t i = 0; i < step->inputs.size(); ++i) {
      NodeId const id = step->inputs[i];
      if (!depends[id] || !models::is_differentiable(node, i)) continue;
      Arrival& at = arrivals[id];
      step->input_gradients[i] = {.is_wanted = true, .adds = at.contributions > 0};
      ++at.contributions;
      at.last = &step->input_gradients[i];
      at.last_is_product = Program::is_product(*step);
    }
  }
}

}  // namespace crossjoule::runtime
