// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/program.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"

#include <algorithm>
#include <variant>

namespace crossjoule::runtime {
namespace {

using models::NodeId;

/// Who reads each node.
std::vector<std::vector<NodeId>> readers(models::Graph const& graph) {
  std::vector<std::vector<NodeId>> all(graph.nodes.size());
  for (std::size_t id = 0; id < graph.nodes.size(); ++id)
    for (NodeId const from : graph.nodes[id].inputs) all[from].push_back(static_cast<NodeId>(id));
  return all;
}

/// The activation that can run with linear node `id`: its only reader, and nobody asks for the
/// pre-activation as the network's answer.
models::Activation const* activation_to_fuse(Program const& program, NodeId id,
                                             std::vector<NodeId> const& readers_of_it) {
  if (readers_of_it.size() != 1 || id == program.output) return nullptr;
  return std::get_if<models::Activation>(&program.graph.nodes[readers_of_it[0]].op);
}

void add_steps(Program& program, std::vector<models::Shape> const& shapes) {
  auto const read_by = readers(program.graph);
  int inputs = 0;
  for (std::size_t n = 0; n < program.graph.nodes.size(); ++n) {
    NodeId const id = static_cast<NodeId>(n);
    models::Node const& node = program.graph.nodes[n];
    if (std::holds_alternative<models::Input>(node.op)) {
      program.input = id;
      ++inputs;
      continue;
    }
    if (!node.inputs.empty() && !program.values[node.inputs[0]].is_stored) continue;  // was fused
    Step step{
        .result = id, .node = id, .inputs = node.inputs, .op = node.op, .input_gradients = {}};
    if (auto const* activation = std::get_if<models::Activation>(&node.op))
      step.epilogue = fused(*activation);
    if (auto const* linear = std::get_if<models::Linear>(&node.op)) {
      auto const names = models::parameter_names(program.graph, shapes, id);
      step.weight = program.layout.find(names[0]).offset;
      if (linear->bias) step.bias = program.layout.find(names[1]).offset;
      if (auto const* activation = activation_to_fuse(program, id, read_by[n])) {
        step.epilogue = fused(*activation);
        step.result = read_by[n][0];
        program.values[n].is_stored = false;
      }
    }
    step.input_gradients.resize(step.inputs.size());
    program.steps.push_back(std::move(step));
  }
  VALIDATE(inputs == 1, "network \"{}\" has {} inputs (a plan runs networks with one) join them",
           program.graph.name, inputs);
}

/// Which gradients flow, who writes first, and where a derivative can ride on a product.
void plan_backward(Program& program) {
  std::size_t const count = program.values.size();
  std::vector<bool> depends(count, false);  // on any parameter
  for (Step const& step : program.steps)
    depends[step.result] = step.weight >= 0 || std::any_of(step.inputs.begin(), step.inputs.end(),
                                                           [&](NodeId id) { return depends[id]; });
  std::vector<int> contributions(count, 0);
  std::vector<InputGradient*> last_writer(count, nullptr);
  std::vector<bool> last_is_product(count, false);
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    bool const is_start = step->result == program.objective;
    step->has_gradient = is_start || contributions[step->result] > 0;
    if (!step->has_gradient) continue;
    if (step->epilogue.kind != kernels::Epilogue::none && contributions[step->result] == 1 &&
        last_is_product[step->result]) {
      last_writer[step->result]->epilogue = {kernels::gradient_of(step->epilogue.kind),
                                             step->epilogue.alpha};
      step->gradient_is_ready = true;
    }
    std::size_t const reached = is_start ? 1 : step->inputs.size();  // a target is a constant
    for (std::size_t i = 0; i < reached; ++i) {
      NodeId const id = step->inputs[i];
      if (!depends[id]) continue;
      step->input_gradients[i] = {.is_wanted = true, .adds = contributions[id] > 0, .epilogue = {}};
      ++contributions[id];
      last_writer[id] = &step->input_gradients[i];
      last_is_product[id] = step->weight >= 0;
    }
  }
}

}  // namespace

kernels::Fused fused(models::Activation const& activation) {
  switch (activation.kind) {
    case models::ActivationKind::relu: return {kernels::Epilogue::relu, 1};
    case models::ActivationKind::elu:
      VALIDATE(activation.alpha > 0, "elu alpha = {} (must be positive) choose a positive one",
               activation.alpha);
      return {kernels::Epilogue::elu, activation.alpha};
    case models::ActivationKind::gelu:
    case models::ActivationKind::soft_shrink:
      core::fail(core::ExitCode::internal, "no kernel runs {} yet",
                 models::to_string(activation.kind));
  }
  return {};
}

Program::Program(models::Graph const& network)
    : graph(network),
      layout(network),
      output(models::output_node(network)),
      objective(models::objective_node(network)) {
  std::vector<models::Shape> const shapes = models::shapes(graph);
  for (models::Shape const& shape : shapes)
    values.push_back({.rows = shape.size() / shape.last(), .columns = shape.last()});
  add_steps(*this, shapes);
  plan_backward(*this);
}

void Program::require_trainable() const {
  VALIDATE(objective >= 0,
           "network \"{}\" has no objective (training needs one) end it with squared_distance or "
           "mean_squared_error",
           graph.name);
  for (Step const& step : steps)
    VALIDATE(!models::is_objective(step.op) || step.result == objective || !step.has_gradient,
             "node \"{}\" of network \"{}\" is an objective in the middle (gradients do not pass "
             "through it) make it the last node",
             graph.nodes[step.result].name, graph.name);
}

Step const& Program::step_of(models::NodeId result) const {
  auto const found = std::find_if(steps.begin(), steps.end(),
                                  [&](Step const& step) { return step.result == result; });
  VALIDATE_AS(ExitCode::internal, found != steps.end(),
              "node {} has no step (it is fused) ask for its reader", result);
  return *found;
}

std::string Program::describe(Step const& step) const {
  std::string const name = graph.nodes[step.node].name;
  auto const columns = [&](NodeId id) { return values[id].columns; };
  auto const activation = step.epilogue.kind == kernels::Epilogue::none   ? ""
                          : step.epilogue.kind == kernels::Epilogue::relu ? "relu"
                                                                          : "elu";
  return std::visit(
      models::Overloaded{
          [&](models::Input const&) { return fmt::format("{}: input", name); },
          [&](models::Linear const&) {
            return fmt::format("{}{}{}: linear {} -> {}", name, *activation ? "+" : "", activation,
                               columns(step.inputs[0]), columns(step.result));
          },
          [&](models::Activation const&) { return fmt::format("{}: {}", name, activation); },
          [&](models::Add const&) { return fmt::format("{}: add", name); },
          [&](models::SquaredDistance const&) { return fmt::format("{}: squared distance", name); },
          [&](models::MeanSquaredError const&) {
            return fmt::format("{}: mean squared error", name);
          },
          [&](auto const&) { return name; }},
      step.op);
}

}  // namespace crossjoule::runtime
