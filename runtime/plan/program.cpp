// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/program.hpp"

#include "core/error.hpp"
#include "models/overloaded.hpp"
#include "runtime/plan/program_gradients.hpp"

#include <algorithm>
#include <variant>

namespace crossjoule::runtime {
namespace {

using models::NodeId;

/// Who reads each node, dead ones left out.
std::vector<std::vector<NodeId>> readers(Program const& program) {
  std::vector<std::vector<NodeId>> all(program.graph.nodes.size());
  for (std::size_t id = 0; id < program.graph.nodes.size(); ++id)
    if (program.values[id].is_live)
      for (NodeId const from : program.graph.nodes[id].inputs)
        all[from].push_back(static_cast<NodeId>(id));
  return all;
}

bool takes_epilogue(models::Op const& op) {
  return std::holds_alternative<models::Linear>(op) ||
         std::holds_alternative<models::ComplexLinear>(op);
}

/// The activation that can run with the product of node `id`: its only reader, and nobody asks for
/// the pre-activation as the network's answer.
models::Activation const* activation_to_fuse(Program const& program, Fusing fusing, NodeId id,
                                             std::vector<NodeId> const& readers_of_it) {
  if (fusing == Fusing::none || readers_of_it.size() != 1 || id == program.output ||
      !takes_epilogue(program.graph.nodes[id].op))
    return nullptr;
  auto const* activation =
      std::get_if<models::Activation>(&program.graph.nodes[readers_of_it[0]].op);
  if (!activation || fusing == Fusing::all) return activation;
  return kernels::gradient_reads_input(fused(*activation).kind) ? nullptr : activation;
}

std::vector<TensorPlace> places(Program const& program, NodeId id) {
  std::vector<TensorPlace> all;
  for (std::string const& name : models::parameter_names(program.graph, program.shapes, id)) {
    ParamLayout::Tensor const& tensor = program.layout.find(name);
    all.push_back({tensor.offset, tensor.parameter.size()});
  }
  return all;
}

void add_steps(Program& program, Fusing fusing) {
  auto const read_by = readers(program);
  auto const owners = models::parameter_owners(program.graph, program.shapes);
  for (std::size_t n = 0; n < program.graph.nodes.size(); ++n) {
    NodeId const id = static_cast<NodeId>(n);
    models::Node const& node = program.graph.nodes[n];
    if (std::holds_alternative<models::Input>(node.op) || !program.values[n].is_live) continue;
    if (!program.values[node.inputs[0]].is_stored) continue;  // fused with its product
    Step step{.result = id,
              .node = id,
              .inputs = node.inputs,
              .op = node.op,
              .owner = owners[n],
              .tensors = places(program, id),
              .input_gradients = std::vector<InputGradient>(node.inputs.size())};
    if (auto const* activation = std::get_if<models::Activation>(&node.op))
      step.epilogue = fused(*activation);
    if (auto const* activation = activation_to_fuse(program, fusing, id, read_by[n])) {
      step.epilogue = fused(*activation);
      step.result = read_by[n][0];
      program.values[n].is_stored = false;
    }
    program.steps.push_back(std::move(step));
  }
}

/// True for operations that take each row of a sample by itself, and objectives of such rows.
bool is_row_wise_op(models::Op const& op) {
  return std::visit(models::Overloaded{[](models::Input const&) { return true; },
                                       [](models::Linear const&) { return true; },
                                       [](models::Activation const&) { return true; },
                                       [](models::Add const&) { return true; },
                                       [](models::LayerNorm const&) { return true; },
                                       [](models::PatchEmbed const&) { return false; },
                                       [](models::PatchRestore const&) { return false; },
                                       [](models::FourierTransform const&) { return false; },
                                       [](models::InverseFourierTransform const&) { return false; },
                                       [](models::ComplexLinear const&) { return false; },
                                       [](models::SquaredDistance const&) { return true; },
                                       [](models::MeanSquaredError const&) { return true; },
                                       [](models::RelativeError const&) { return false; },
                                       [](models::BatchNorm const&) { return true; },
                                       [](models::Conv2d const&) { return false; },
                                       [](models::Pool2d const&) { return false; },
                                       [](models::GlobalAveragePool const&) { return false; },
                                       [](models::Flatten const&) { return false; },
                                       [](models::LogCoshSum const&) { return true; },
                                       [](models::JoinChannels const&) { return false; },
                                       [](models::TakeChannels const&) { return false; }},
                    op);
}

std::string_view name_of(kernels::Epilogue kind) {
  switch (kind) {
    case kernels::Epilogue::relu: return "relu";
    case kernels::Epilogue::elu: return "elu";
    case kernels::Epilogue::gelu: return "gelu";
    case kernels::Epilogue::soft_shrink: return "soft_shrink";
    case kernels::Epilogue::leaky_relu: return "leaky_relu";
    default: return "";
  }
}

}  // namespace

kernels::Fused fused(models::Activation const& activation) {
  switch (activation.kind) {
    case models::ActivationKind::relu: return {kernels::Epilogue::relu, 1};
    case models::ActivationKind::elu: return {kernels::Epilogue::elu, activation.alpha};
    case models::ActivationKind::gelu: return {kernels::Epilogue::gelu, 1};
    case models::ActivationKind::soft_shrink:
      return {kernels::Epilogue::soft_shrink, activation.alpha};
    case models::ActivationKind::leaky_relu:
      return {kernels::Epilogue::leaky_relu, activation.alpha};
  }
  return {};
}

Program::Program(models::Graph const& network, Fusing fusing, Gradients gradients)
    : graph(network),
      shapes(models::shapes(network)),
      layout(network),
      inputs(models::input_nodes(network)),
      output(models::output_node(network)),
      objective(models::objective_node(network)) {
  VALIDATE(!inputs.empty(), "network \"{}\" has no input (a plan feeds it samples) add one",
           graph.name);
  std::vector<bool> const live = models::live_nodes(graph);
  for (std::size_t id = 0; id < shapes.size(); ++id)
    values.push_back({.rows = shapes[id].size() / shapes[id].last(),
                      .columns = shapes[id].last(),
                      .is_live = live[id]});
  add_steps(*this, fusing);
  plan_gradients(*this, gradients);
}

void Program::require_trainable() const {
  VALIDATE(objective >= 0,
           "network \"{}\" has no objective (training needs one) end it with squared_distance, "
           "mean_squared_error or relative_error",
           graph.name);
}

bool Program::is_row_wise() const {
  return inputs.size() == 1 && std::all_of(steps.begin(), steps.end(), [](Step const& step) {
           return is_row_wise_op(step.op);
         });
}

bool Program::is_product(Step const& step) { return takes_epilogue(step.op); }

std::vector<NodeId> Program::reads(Step const& step, Task task) const {
  if (task == Task::forward) return step.inputs;
  std::vector<NodeId> all;
  bool const reads_own = step.epilogue.kind != kernels::Epilogue::none && !step.gradient_is_ready;
  NodeId const own =
      kernels::gradient_reads_input(step.epilogue.kind) ? step.inputs[0] : step.result;
  if (is_product(step)) {
    if (task == Task::parameters) {
      all.push_back(step.inputs[0]);
      if (reads_own) all.push_back(own);
    } else if (step.input_gradients[0].operand >= 0) {
      all.push_back(step.input_gradients[0].operand);
    }
    return all;
  }
  bool const reads_inputs = models::is_objective(step.op) ||
                            std::holds_alternative<models::LayerNorm>(step.op) ||
                            std::holds_alternative<models::BatchNorm>(step.op) ||
                            std::holds_alternative<models::Conv2d>(step.op) ||
                            std::holds_alternative<models::Pool2d>(step.op) ||
                            std::holds_alternative<models::LogCoshSum>(step.op) ||
                            std::holds_alternative<models::PatchEmbed>(step.op);
  if (reads_inputs) all = step.inputs;
  if (reads_own) all.push_back(own);
  return all;
}

Step const& Program::step_of(NodeId result) const {
  auto const found = std::find_if(steps.begin(), steps.end(),
                                  [&](Step const& step) { return step.result == result; });
  VALIDATE_AS(ExitCode::internal, found != steps.end(),
              "node {} has no step (it is fused, an input or dead) ask for its reader", result);
  return *found;
}

std::string Program::describe(Step const& step) const {
  std::string const& name = graph.nodes[step.node].name;
  std::string_view const activation = name_of(step.epilogue.kind);
  auto const columns = [&](NodeId id) { return values[id].columns; };
  auto const product = [&](std::string_view kind) {
    return fmt::format("{}{}{}: {} {} -> {}", name, activation.empty() ? "" : "+", activation, kind,
                       columns(step.inputs[0]), columns(step.result));
  };
  auto const plain = [&](std::string_view what) { return fmt::format("{}: {}", name, what); };
  return std::visit(
      models::Overloaded{
          [&](models::Input const&) { return plain("input"); },
          [&](models::Linear const&) { return product("linear"); },
          [&](models::Activation const&) { return plain(activation); },
          [&](models::Add const&) { return plain("add"); },
          [&](models::LayerNorm const&) { return plain("layer norm"); },
          [&](models::PatchEmbed const& op) {
            return fmt::format("{}: patches of {} x {} -> {}", name, op.patch, op.patch,
                               op.out_features);
          },
          [&](models::PatchRestore const&) { return plain("patches to image"); },
          [&](models::FourierTransform const& op) {
            return fmt::format("{}: Fourier transform, {} x {} modes", name, op.rows, op.columns);
          },
          [&](models::InverseFourierTransform const& op) {
            return fmt::format("{}: inverse Fourier transform to {} x {}", name, op.rows,
                               op.columns);
          },
          [&](models::ComplexLinear const&) { return product("complex linear"); },
          [&](models::SquaredDistance const&) { return plain("squared distance"); },
          [&](models::MeanSquaredError const&) { return plain("mean squared error"); },
          [&](models::RelativeError const&) { return plain("relative error"); },
          [&](models::BatchNorm const&) { return plain("batch norm"); },
          [&](models::Conv2d const& op) {
            return fmt::format("{}: convolution {} x {}, {} -> {}", name, op.window.kernel_rows,
                               op.window.kernel_columns, columns(step.inputs[0]), op.out_features);
          },
          [&](models::Pool2d const& op) {
            return fmt::format("{}: {} pool {} x {}", name,
                               op.kind == models::PoolKind::max ? "max" : "average",
                               op.window.kernel_rows, op.window.kernel_columns);
          },
          [&](models::GlobalAveragePool const&) { return plain("global average pool"); },
          [&](models::Flatten const&) { return plain("flatten"); },
          [&](models::LogCoshSum const&) { return plain("sum of log(2 cosh)"); },
          [&](models::JoinChannels const&) { return plain("channels joined"); },
          [&](models::TakeChannels const&) { return plain("channels taken"); }},
      step.op);
}

}  // namespace crossjoule::runtime
