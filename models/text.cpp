// SPDX-License-Identifier: BSD-3-Clause
#include "models/text.hpp"

#include "core/digest.hpp"
#include "models/overloaded.hpp"

#include <fmt/format.h>
#include <functional>

namespace crossjoule::models {
namespace {

using NodeName = std::function<std::string(NodeId)>;

std::string join_inputs(Node const& node, NodeName const& name) {
  std::string text;
  for (NodeId id : node.inputs) text += (text.empty() ? "" : ", ") + name(id);
  return text;
}

std::string print(Window const& window) {
  return fmt::format("kernel={}x{} stride={}x{} padding={}x{}", window.kernel_rows,
                     window.kernel_columns, window.stride_rows, window.stride_columns,
                     window.padding_rows, window.padding_columns);
}

/// The operation's name and its settings; fmt prints the shortest decimal that reads back to the
/// same double.
struct Printed {
  std::string_view kind;
  std::string settings = {};
};
Printed print(Op const& op) {
  return std::visit(
      Overloaded{
          [](Input const& o) {
            return Printed{"input", fmt::format("shape={}", to_string(o.shape))};
          },
          [](Linear const& o) {
            return Printed{"linear",
                           fmt::format("out_features={} bias={}", o.out_features, o.bias)};
          },
          [](Activation const& o) {
            bool const has_alpha = o.kind != ActivationKind::relu && o.kind != ActivationKind::gelu;
            return Printed{to_string(o.kind), has_alpha ? fmt::format("alpha={}", o.alpha) : ""};
          },
          [](Add const&) { return Printed{"add"}; },
          [](LayerNorm const& o) {
            return Printed{"layer_norm", fmt::format("epsilon={}", o.epsilon)};
          },
          [](PatchEmbed const& o) {
            return Printed{"patch_embed", fmt::format("patch={} out_features={} position={}",
                                                      o.patch, o.out_features, o.position)};
          },
          [](PatchRestore const& o) {
            return Printed{"patch_restore", fmt::format("patch={}", o.patch)};
          },
          [](FourierTransform const& o) {
            return Printed{"fourier_transform",
                           fmt::format("first_row={} rows={} columns={} blocks={}", o.first_row,
                                       o.rows, o.columns, o.blocks)};
          },
          [](InverseFourierTransform const& o) {
            return Printed{
                "inverse_fourier_transform",
                fmt::format("first_row={} rows={} columns={}", o.first_row, o.rows, o.columns)};
          },
          [](ComplexLinear const& o) {
            return Printed{"complex_linear", fmt::format("out_features={}", o.out_features)};
          },
          [](SquaredDistance const& o) {
            return Printed{"squared_distance", fmt::format("centre={}", o.centre)};
          },
          [](MeanSquaredError const&) { return Printed{"mean_squared_error"}; },
          [](RelativeError const& o) {
            if (o.weight == RowWeight::none) return Printed{"relative_error"};
            return Printed{"relative_error",
                           fmt::format("first_latitude_deg={} last_latitude_deg={}",
                                       o.first_latitude_deg, o.last_latitude_deg)};
          },
          [](BatchNorm const&) { return Printed{"batch_norm"}; },
          [](Conv2d const& o) {
            return Printed{"conv2d", fmt::format("out_features={} {} bias={}", o.out_features,
                                                 print(o.window), o.bias)};
          },
          [](Pool2d const& o) {
            return Printed{o.kind == PoolKind::max ? "max_pool" : "average_pool", print(o.window)};
          },
          [](GlobalAveragePool const&) { return Printed{"global_average_pool"}; },
          [](Flatten const&) { return Printed{"flatten"}; },
          [](LogCoshSum const&) { return Printed{"log_cosh_sum"}; },
          [](JoinChannels const&) { return Printed{"join_channels"}; },
          [](TakeChannels const& o) {
            return Printed{"take_channels", fmt::format("first={} count={}", o.first, o.count)};
          }},
      op);
}

/// One node as a line; `more`: what stands after its settings.
std::string line(Graph const& graph, NodeId id, NodeName const& name, std::string const& more) {
  Node const& node = graph.nodes[id];
  Printed const printed = print(node.op);
  std::string settings = printed.settings;
  if (!settings.empty()) settings.insert(0, 1, ' ');
  return fmt::format("{} = {}({}){}{}\n", name(id), printed.kind, join_inputs(node, name), settings,
                     more);
}

}  // namespace

std::string to_text(Graph const& graph) {
  shapes(graph);  // a graph whose names hold spaces would not read back
  std::string text = fmt::format("graph {}\n", graph.name);
  auto const name = [&](NodeId id) { return graph.nodes[id].name; };
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    auto const& names = graph.nodes[id].parameter_names;
    text += line(graph, id, name,
                 names.empty() ? "" : fmt::format(" parameters={}", fmt::join(names, ",")));
  }
  return text;
}

std::string digest(Graph const& graph) {
  std::vector<NodeId> const owners = parameter_owners(graph, shapes(graph));
  std::string text;
  auto const number = [](NodeId id) { return fmt::format("{}", id); };
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id)
    text += line(graph, id, number,  // of parameter names only who shares them matters
                 owners[id] == id ? "" : fmt::format(" shares={}", owners[id]));
  return core::digest(text);
}

}  // namespace crossjoule::models
