// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "models/text.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace crossjoule::models {
namespace {

constexpr std::string_view blank = " \t\r";
constexpr char const* known_kinds =
    "input, linear, relu, elu, gelu, soft_shrink, leaky_relu, add, layer_norm, batch_norm, conv2d, "
    "max_pool, average_pool, global_average_pool, flatten, log_cosh_sum, patch_embed, "
    "patch_restore, join_channels, take_channels, fourier_transform, inverse_fourier_transform, "
    "complex_linear, squared_distance, mean_squared_error, relative_error";

std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Cut `text` at the first `mark`: what stands before it; `text` keeps what follows, or nothing.
std::string_view cut(std::string_view& text, char mark) {
  auto const at = text.find(mark);
  std::string_view const before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return trim(before);
}

/// The `key=value` settings of one line; every one must be taken.
class Settings {
 public:
  Settings(std::string_view text, int line) : line_(line) {
    for (text = trim(text); !text.empty(); text = trim(text)) {
      std::string_view const word = text.substr(0, text.find_first_of(blank));
      text.remove_prefix(word.size());
      auto const equals = word.find('=');
      VALIDATE(equals != std::string_view::npos && equals > 0,
               "line {}: '{}' is no setting (must be key=value) correct it", line_, word);
      bool const is_new = values_.emplace(word.substr(0, equals), word.substr(equals + 1)).second;
      VALIDATE(is_new, "line {}: '{}' is set twice (once is enough) remove one", line_,
               word.substr(0, equals));
    }
  }
  bool has(std::string_view key) const { return values_.count(key) > 0; }
  std::string_view take(std::string_view key) {
    auto const found = values_.find(key);
    VALIDATE(found != values_.end(), "line {}: '{}' is not set (this node needs it) add {}=...",
             line_, key, key);
    std::string_view const value = found->second;
    values_.erase(found);
    return value;
  }
  template <class T>
  T number(std::string_view key) {
    return to_number<T>(take(key), key);
  }
  template <class T>
  T to_number(std::string_view text, std::string_view key) const {
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    VALIDATE(error == std::errc{} && end == text.data() + text.size(),
             "line {}: {} = '{}' (must be a number in range) correct it", line_, key, text);
    return value;
  }
  bool flag(std::string_view key) {
    std::string_view const text = take(key);
    VALIDATE(text == "true" || text == "false",
             "line {}: {} = '{}' (must be true or false) correct it", line_, key, text);
    return text == "true";
  }
  void refuse_leftovers() const {
    if (values_.empty()) return;
    core::fail(core::ExitCode::bad_input, "line {}: '{}' is not known here (misspelt?) remove it",
               line_, values_.begin()->first);
  }

 private:
  std::map<std::string_view, std::string_view> values_;
  int line_;
};

Shape parse_shape(std::string_view text, Settings const& settings) {
  Shape shape;
  while (!text.empty()) {
    std::string_view axis = cut(text, ',');
    std::string const name{cut(axis, ':')};
    shape.axes.push_back({name, settings.to_number<std::int64_t>(axis, "shape")});
  }
  return shape;
}

/// Operations of the spectral filter and of images.
std::optional<Op> parse_grid_op(std::string_view kind, Settings& settings) {
  auto const integer = [&](std::string_view key) { return settings.number<std::int64_t>(key); };
  if (kind == "patch_embed")
    return PatchEmbed{.patch = integer("patch"),
                      .out_features = integer("out_features"),
                      .position = settings.flag("position")};
  if (kind == "patch_restore") return PatchRestore{integer("patch")};
  if (kind == "join_channels") return JoinChannels{};
  if (kind == "take_channels") return TakeChannels{integer("first"), integer("count")};
  if (kind == "fourier_transform")
    return FourierTransform{.first_row = integer("first_row"),
                            .rows = integer("rows"),
                            .columns = integer("columns"),
                            .blocks = integer("blocks")};
  if (kind == "inverse_fourier_transform")
    return InverseFourierTransform{
        .first_row = integer("first_row"), .rows = integer("rows"), .columns = integer("columns")};
  if (kind == "complex_linear") return ComplexLinear{integer("out_features")};
  return std::nullopt;
}

/// `3x5`: rows and columns; `3` alone stands for both.
std::pair<std::int64_t, std::int64_t> parse_pair(Settings& settings, std::string_view key) {
  std::string_view text = settings.take(key);
  bool const is_square = text.find('x') == std::string_view::npos;
  auto const rows = settings.to_number<std::int64_t>(cut(text, 'x'), key);
  return {rows, is_square ? rows : settings.to_number<std::int64_t>(text, key)};
}
Window parse_window(Settings& settings) {
  Window window;
  std::tie(window.kernel_rows, window.kernel_columns) = parse_pair(settings, "kernel");
  if (settings.has("stride"))
    std::tie(window.stride_rows, window.stride_columns) = parse_pair(settings, "stride");
  if (settings.has("padding"))
    std::tie(window.padding_rows, window.padding_columns) = parse_pair(settings, "padding");
  return window;
}

/// Operations of convolutional networks, and of quantum states.
std::optional<Op> parse_image_op(std::string_view kind, Settings& settings) {
  if (kind == "conv2d") {
    auto const out_features = settings.number<std::int64_t>("out_features");
    Window const window = parse_window(settings);
    return Conv2d{out_features, window, settings.flag("bias")};
  }
  if (kind == "max_pool") return Pool2d{PoolKind::max, parse_window(settings)};
  if (kind == "average_pool") return Pool2d{PoolKind::average, parse_window(settings)};
  if (kind == "global_average_pool") return GlobalAveragePool{};
  if (kind == "flatten") return Flatten{};
  if (kind == "batch_norm") return BatchNorm{};
  if (kind == "log_cosh_sum") return LogCoshSum{};
  return std::nullopt;
}

RelativeError parse_relative_error(Settings& settings) {
  if (!settings.has("first_latitude_deg") && !settings.has("last_latitude_deg")) return {};
  return {.weight = RowWeight::latitude,
          .first_latitude_deg = settings.number<double>("first_latitude_deg"),
          .last_latitude_deg = settings.number<double>("last_latitude_deg")};
}

Op parse_op(std::string_view kind, Settings& settings, int line) {
  if (kind == "input") return Input{parse_shape(settings.take("shape"), settings)};
  if (kind == "linear") {
    auto const out_features = settings.number<std::int64_t>("out_features");
    return Linear{out_features, settings.flag("bias")};
  }
  if (kind == "relu") return Activation{ActivationKind::relu, 1};
  if (kind == "elu") return Activation{ActivationKind::elu, settings.number<double>("alpha")};
  if (kind == "gelu") return Activation{ActivationKind::gelu, 1};
  if (kind == "soft_shrink")
    return Activation{ActivationKind::soft_shrink, settings.number<double>("alpha")};
  if (kind == "leaky_relu")
    return Activation{ActivationKind::leaky_relu, settings.number<double>("alpha")};
  if (kind == "add") return Add{};
  if (kind == "layer_norm") return LayerNorm{settings.number<double>("epsilon")};
  if (auto const op = parse_grid_op(kind, settings)) return *op;
  if (auto const op = parse_image_op(kind, settings)) return *op;
  if (kind == "squared_distance") return SquaredDistance{settings.number<double>("centre")};
  if (kind == "mean_squared_error") return MeanSquaredError{};
  if (kind == "relative_error") return parse_relative_error(settings);
  core::fail(core::ExitCode::bad_input,
             "line {}: operation '{}' is not known ({}) take one of these", line, kind,
             known_kinds);
}

/// `name = kind(input, input) key=value key=value`
void parse_node(std::string_view text, int line, Graph& graph, std::map<std::string, NodeId>& ids) {
  auto const equals = text.find('='), open = text.find('('), close = text.find(')');
  VALIDATE(equals < open && open < close && close != std::string_view::npos,
           "line {}: '{}' is no node (must be name = operation(inputs) key=value ...) correct it",
           line, text);
  std::string const name{trim(text.substr(0, equals))};
  std::string_view const kind = trim(text.substr(equals + 1, open - equals - 1));
  std::string_view inputs = trim(text.substr(open + 1, close - open - 1));
  std::vector<NodeId> input_ids;
  while (!inputs.empty()) {
    std::string const input{cut(inputs, ',')};
    auto const found = ids.find(input);
    VALIDATE(found != ids.end(),
             "line {}: '{}' reads '{}' (no earlier line defines it) correct the name", line, name,
             input);
    input_ids.push_back(found->second);
  }
  Settings settings(text.substr(close + 1), line);
  Op op = parse_op(kind, settings, line);
  std::vector<std::string> parameter_names;
  if (settings.has("parameters"))
    for (std::string_view names = settings.take("parameters"); !names.empty();)
      parameter_names.emplace_back(cut(names, ','));
  settings.refuse_leftovers();
  VALIDATE(ids.emplace(name, static_cast<NodeId>(graph.nodes.size())).second,
           "line {}: '{}' is defined twice (names must differ) rename one", line, name);
  graph.add(name, std::move(input_ids), std::move(op), std::move(parameter_names));
  VALIDATE(graph.nodes.size() <= max_nodes,
           "line {}: more than {} nodes (the most allowed) make it smaller", line, max_nodes);
}

}  // namespace

Graph from_text(std::string_view text) {
  Graph graph;
  std::map<std::string, NodeId> ids;
  bool named = false;
  for (int line = 1; !text.empty(); ++line) {
    auto const end = text.find('\n');
    std::string_view const content = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.empty() || content.front() == '#') continue;
    if (named) {
      parse_node(content, line, graph, ids);
      continue;
    }
    VALIDATE(content.starts_with("graph "),
             "line {}: '{}' (a network starts with 'graph NAME') add that line", line, content);
    graph.name = trim(content.substr(6));
    named = true;
  }
  VALIDATE(named, "the text holds no network (it starts with 'graph NAME') add that line");
  shapes(graph);
  return graph;
}

}  // namespace crossjoule::models
