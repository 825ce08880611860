// SPDX-License-Identifier: BSD-3-Clause
// Training on fields that are streamed from files in the FourCastNet layout.
#include "core/error.hpp"
#include "core/log.hpp"
#include "drivers/training_data.hpp"
#include "models/unroll.hpp"
#include "runtime/forecast/field_rows.hpp"

#include <fmt/ranges.h>
#include <algorithm>

namespace crossjoule::drivers {
namespace {

using runtime::Channels;
using runtime::FieldSource;

struct Options {
  runtime::FieldOptions train, validation;
  runtime::PreparationOptions preparation;
  bool holds_out = false;  ///< the last tenth of the training steps validates
  std::int64_t micro_batch = 1;
};

bool same_steps(runtime::FieldOptions const& a, runtime::FieldOptions const& b) {
  return a.input.files == b.input.files && a.input.pattern == b.input.pattern &&
         a.input.years == b.input.years && a.range.from == b.range.from &&
         a.range.until == b.range.until && a.range.first == b.range.first &&
         a.range.count == b.range.count;
}

/// The last tenth of the steps validates, the others train.
void hold_out_validation(runtime::FieldFiles const& files, Options& options) {
  auto const runs = files.runs_within(options.train.range);
  std::int64_t total = 0;
  for (auto const& run : runs) total += run.count();
  std::int64_t left = total - total / 10, cut = runs.front().first;
  for (auto const& run : runs) {
    auto const here = std::min(left, run.count());
    if (here > 0) cut = run.first + here;
    left -= here;
  }
  std::int64_t const apart = options.train.lead * options.train.targets;
  VALIDATE(total / 10 > apart,
           "{}: {} steps in the range, of which the last tenth validates (a start and its targets "
           "span {} steps) give more steps, or name others in [validation]",
           files.describe(), total, apart + 1);
  options.train.range.first = runs.front().first;
  options.train.range.count = cut - runs.front().first;
  options.validation.range.first = cut;
  options.validation.range.count = runs.back().last - cut;
}

class FieldTraining : public TrainingFiles {
 public:
  FieldTraining(Options options, models::Graph const& graph) : options_(std::move(options)) {
    auto const shapes = models::shapes(graph);
    auto const inputs = models::input_nodes(graph);
    auto const& state = shapes[static_cast<std::size_t>(inputs[0])];
    auto const objective = models::objective_node(graph);
    VALIDATE(state.axes.size() == 3 && inputs.size() >= 2 && objective >= 0,
             "network '{}' reads {} and has {} inputs more{} (fields need an image, a target of "
             "each step and an objective) set network.kind = \"afno\"",
             graph.name, models::to_string(state), inputs.size() - 1,
             objective >= 0 ? "" : " and no objective");
    auto const& pairs = graph.nodes[static_cast<std::size_t>(objective)].inputs;
    options_.train.targets = options_.validation.targets =
        static_cast<std::int64_t>(pairs.size()) / 2;
    options_.train.patch = options_.validation.patch = patch_of(graph);
    open_sources();
    check(state, shapes[static_cast<std::size_t>(models::output_node(graph))]);
    check_channels(adds_to_its_input(graph));
    auto const numbers = runtime::FieldRows<float>::features(*train_, *preparation_);
    auto const taken = models::sample_size(fed(graph));
    VALIDATE(numbers == taken,
             "network '{}' takes {} numbers a sample ({} fields give {}: a start, what is known at "
             "further steps, targets) set network.kind = \"afno\"",
             graph.name, taken, train_->files().describe(), numbers);
  }

  /// With a history, further steps read the states before them: where these lie among the channels
  /// is known here alone.
  models::Graph fed(models::Graph const& graph) const override {
    auto const states = train_->options().history, steps = train_->options().targets;
    if (states == 1 || steps == 1) return graph;
    return models::over_steps(graph, steps, {states, count_of(Channels::in)});
  }

  std::int64_t train_rows() const override { return train_->samples(); }
  std::int64_t validation_rows() const override { return validation_->samples(); }
  std::string describe() const override { return train_->describe(); }
  std::int64_t bytes_held(std::int64_t) const override {
    auto const rows = [&](FieldSource const& source) {
      return runtime::FieldRows<float>::bytes(source, *preparation_, ahead(source));
    };
    return std::max(rows(*train_), rows(*validation_)) +  // they take turns
           train_->bytes_of_files() + validation_->bytes_of_files();
  }
  std::string identity() const override {
    auto const& o = train_->options();
    auto const& scaling = train_->scaling(Channels::out);
    std::string const history = o.history > 1 ? fmt::format(" history {}", o.history) : "";
    return fmt::format("fields lead {} stride {} targets {}{} channels {} mean {} scale {}", o.lead,
                       o.stride, o.targets, history, fmt::join(train_->channels(Channels::in), ","),
                       fmt::join(scaling.mean, ","), fmt::join(scaling.scale, ","));
  }
  void open(core::Comm const&, TrainingData<float>& data) const override { stream(data); }
  void open(core::Comm const&, TrainingData<double>& data) const override { stream(data); }

 private:
  std::int64_t count_of(Channels which) const {
    return static_cast<std::int64_t>(train_->channels(which).size());
  }

  static std::int64_t patch_of(models::Graph const& graph) {
    for (auto const& node : graph.nodes)
      if (auto const* embed = std::get_if<models::PatchEmbed>(&node.op)) return embed->patch;
    return 1;
  }

  static bool adds_to_its_input(models::Graph const& graph) {
    return std::ranges::any_of(graph.nodes, [&](models::Node const& node) {
      return std::holds_alternative<models::TakeChannels>(node.op) &&
             std::holds_alternative<models::Input>(
                 graph.nodes[static_cast<std::size_t>(node.inputs[0])].op);
    });
  }

  void open_sources() {
    auto const files = std::make_shared<runtime::FieldFiles const>(options_.train.input);
    if (options_.holds_out) hold_out_validation(*files, options_);
    auto const shared = [&](runtime::FieldOptions const& o) {
      return same_files(o) ? std::make_shared<FieldSource const>(files, o)
                           : std::make_shared<FieldSource const>(o);
    };
    train_ = shared(options_.train);
    validation_ = shared(options_.validation);
    preparation_ = std::make_shared<runtime::Preparation const>(*train_, options_.preparation);
    core::log("training: {}", train_->describe());
    core::log("validation: {} samples", validation_->samples());
  }

  bool same_files(runtime::FieldOptions const& o) const {
    return o.input.files == options_.train.input.files &&
           o.input.years == options_.train.input.years &&
           o.input.pattern == options_.train.input.pattern;
  }

  void check(models::Shape const& state, models::Shape const& target) const {
    auto const out = count_of(Channels::out);
    auto const before = (train_->options().history - 1) * out;
    auto const in = count_of(Channels::in) + before +
                    static_cast<std::int64_t>(preparation_->extra_names().size());
    VALIDATE(state.axes[1].extent == train_->rows() && state.axes[2].extent == train_->columns(),
             "{} gives {} x {} points (the network takes {} x {}) set network.rows = {} and "
             "network.columns = {}, or data.crop, data.pad",
             train_->describe(), train_->rows(), train_->columns(), state.axes[1].extent,
             state.axes[2].extent, train_->rows(), train_->columns());
    VALIDATE(state.axes[0].extent == in,
             "{} fields{} and {} further planes [{}] (the network takes {} channels) set "
             "network.channels_in = {}, or data.channels_in{}",
             count_of(Channels::in),
             before > 0 ? fmt::format(", {} of the states before", before) : "",
             preparation_->extra_names().size(), fmt::join(preparation_->extra_names(), ", "),
             state.axes[0].extent, in, before > 0 ? ", data.history" : "");
    VALIDATE(target.axes[0].extent == out,
             "{} fields to predict (the network makes {} channels) set network.channels_out = {}, "
             "or data.channels_out",
             out, target.axes[0].extent, out);
    auto const contract = runtime::FieldContract::of(*train_, options_.preparation);
    contract.check(*validation_);
    contract.check_history(validation_->options().history, *validation_);
  }
  /// Where an output is the next input, or is added to it, both must mean the same channels.
  void check_channels(bool adds) const {
    auto const& read = train_->channels(Channels::in);
    auto const& made = train_->channels(Channels::out);
    bool const is_first_part =
        read.size() >= made.size() && std::equal(made.begin(), made.end(), read.begin());
    VALIDATE(
        (options_.train.targets == 1 && !adds) || is_first_part,
        "the network reads {} and predicts {} ({} must be the first part of what it reads) let "
        "data.channels_in begin with data.channels_out",
        fmt::join(read, " "), fmt::join(made, " "),
        adds ? "what changes" : "over several steps its output");
  }

  /// Samples that are read ahead at a time.
  std::int64_t ahead(FieldSource const& source) const {
    return std::min(options_.micro_batch, source.samples());
  }

  template <class T>
  void stream(TrainingData<T>& data) const {
    auto const rows = [&](std::shared_ptr<FieldSource const> const& source) {
      return std::make_unique<runtime::FieldRows<T>>(source, preparation_, ahead(*source));
    };
    data.train = rows(train_);
    data.validation = rows(validation_);
    data.write = [contract = runtime::FieldContract::of(*train_, options_.preparation)](
                     core::H5File& file) { contract.write(file); };
  }

  Options options_;
  std::shared_ptr<FieldSource const> train_, validation_;
  std::shared_ptr<runtime::Preparation const> preparation_;
};

}  // namespace

OpenTrainingFiles read_field_training(core::Config& config) {
  Options options;
  options.train.input.files = {"weather/train"};  // what `generate weather` writes
  options.train.statistics = "weather/stats";
  options.train = runtime::read_field_options(config.section("data"), options.train);
  options.preparation = runtime::read_preparation_options(config.section("data"));
  VALIDATE(!options.train.statistics.empty(),
           "data.statistics is empty (networks are trained on normalised fields) name a folder of "
           "`crossjoule statistics`{}",
           config.section("data").where("statistics"));
  options.validation = runtime::read_field_options(
      config.section("validation",
                     "fields that choose the best epoch, keys as in [data]; without other files, "
                     "years or times: the last tenth of the training steps, held out"),
      options.train);
  options.holds_out = same_steps(options.train, options.validation);
  return [options](models::Graph const& graph, runtime::TrainOptions const& training) {
    auto complete = options;
    complete.micro_batch = training.micro_batch;
    return std::make_unique<FieldTraining>(complete, graph);
  };
}

}  // namespace crossjoule::drivers
