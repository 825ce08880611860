// SPDX-License-Identifier: BSD-3-Clause
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/record.hpp"
#include "drivers/memory.hpp"
#include "drivers/network_groups.hpp"
#include "drivers/run_meter.hpp"
#include "drivers/stop_signal.hpp"
#include "drivers/training_data.hpp"
#include "drivers/training_report.hpp"
#include "drivers/verbs.hpp"
#include "meter/account.hpp"
#include "models/build.hpp"
#include "models/cost.hpp"
#include "models/text.hpp"
#include "runtime/checkpoint.hpp"
#include "runtime/scorer.hpp"
#include "runtime/start_from.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <cmath>
#include <optional>

namespace crossjoule::drivers {
namespace {

struct Settings {
  models::Graph graph;
  OpenTrainingFiles open_files;
  std::string data_kind;
  runtime::TrainOptions training;
  meter::MeterOptions meter;
  std::filesystem::path output, checkpoint_folder;
  std::int64_t checkpoint_epochs = 1;
  std::string precision;
};

Settings read_settings(Call& call) {
  core::Config& config = call.config;
  Settings settings;
  settings.output = call.output_path("train.h5");
  settings.precision =
      config.take_choice("precision", "fp32", "arithmetic and storage", {"fp32", "fp64"});
  auto const device = kernels::device_from(
      config.take_choice("device", "auto", "where a rank computes", {"auto", "cpu", "cuda"}));
  auto const seed = config.take("seed", std::int64_t{1}, "initial weights and the order of events",
                                {0, INT64_MAX});
  settings.graph = models::build(config.section("network", "the network, described once"));
  settings.data_kind =
      config.section("data", "training samples")
          .take_choice("kind", "events",
                       "events: collider events or any rows of features, held in memory; fields: "
                       "weather in the FourCastNet layout, streamed",
                       {"events", "fields"});
  settings.open_files = settings.data_kind == "fields"
                            ? read_field_training(config)
                            : read_event_training(config, settings.output);
  runtime::TrainOptions defaults;
  if (settings.data_kind == "fields") {  // FourCastNet's, sample by sample
    defaults.batch = 64;
    defaults.micro_batch = 1;
    defaults.adam.learning_rate = 5e-4;
  }
  settings.training = runtime::read_train_options(config.section("training"), defaults);
  settings.training.seed = static_cast<std::uint64_t>(seed);
  settings.training.device = device;
  auto checkpoint = config.section("checkpoint", "what --resume continues from");
  settings.checkpoint_folder =
      checkpoint.take("folder", "", "default: <output>.checkpoints beside the record");
  if (settings.checkpoint_folder.empty())
    settings.checkpoint_folder = settings.output.string() + ".checkpoints";
  settings.checkpoint_epochs =
      checkpoint.take("every_epochs", settings.checkpoint_epochs, "0: none", {0, 1'000'000});
  settings.meter = meter::read_options(config.section("meter"));
  if (call.require_measured) settings.meter.require = meter::Requirement::measured;
  return settings;
}

/// Everything that decides the bits of a run, as the checkpoint stores it.
std::string bits_decided_by(Settings const& settings, TrainingFiles const& files,
                            std::string const& data_digest) {
  auto const& t = settings.training;
  auto text = fmt::format(
      "{} rows {} batch {} micro_batch {} epochs {} seed {} learning_rate {} schedule {} "
      "weight_decay {}",
      settings.precision, files.train_rows(), t.batch, t.micro_batch, t.epochs, t.seed,
      t.adam.learning_rate, t.schedule, t.weight_decay);
  runtime::AdamOptions const usual;
  if (t.adam.beta1 != usual.beta1) text += fmt::format(" beta1 {}", t.adam.beta1);
  if (t.adam.beta2 != usual.beta2) text += fmt::format(" beta2 {}", t.adam.beta2);
  if (t.adam.epsilon != usual.epsilon) text += fmt::format(" epsilon {}", t.adam.epsilon);
  if (t.clip_norm > 0) text += fmt::format(" clip_norm {}", t.clip_norm);
  if (!t.start_from.empty()) text += fmt::format(" start_from {}", t.start_from);
  if (!files.identity().empty()) text.append(" ").append(files.identity());
  if (!data_digest.empty()) text.append(" data ").append(data_digest);
  return text;
}

/// Spread of the anomaly score on background: a network that collapsed to a constant has none.
struct Spread {
  double mean = 0, deviation = 0;
};
template <class T>
Spread objective_spread(Settings const& settings, runtime::Rows<T>& rows,
                        std::vector<T> const& parameters) {
  constexpr std::int64_t batch = 1024;
  runtime::Plan<T> plan(settings.graph,
                        {settings.training.device, runtime::Purpose::inference, batch});
  plan.set_parameters(parameters);
  auto const features = static_cast<std::size_t>(rows.features());
  std::vector<T> input(batch * features), objective(batch);
  double sum = 0, squares = 0;
  for (std::int64_t first = 0; first < rows.rows(); first += batch) {
    auto const count = static_cast<std::size_t>(std::min(batch, rows.rows() - first));
    auto const filled = std::span(input).first(count * features);
    for (std::size_t r = 0; r < count; ++r)
      rows.read(first + static_cast<std::int64_t>(r), filled.subspan(r * features, features));
    plan.infer(filled, static_cast<std::int64_t>(count), {}, std::span(objective).first(count));
    for (std::size_t r = 0; r < count; ++r)
      sum += objective[r], squares += static_cast<double>(objective[r]) * objective[r];
  }
  auto const n = static_cast<double>(rows.rows());
  double const mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean))};
}

template <class T>
void write_record(core::Record& record, Settings const& settings, TrainingData<T> const& data,
                  runtime::ParamLayout const& layout, runtime::TrainState<T> const& state,
                  std::optional<Spread> const& spread,
                  std::vector<meter::NodeAccount> const& accounts, int ranks, double seconds) {
  auto& file = record.file();
  write_network(record, settings.graph);
  runtime::write_parameters<T>(file, "/parameters", layout, state.best_parameters);
  file.attribute("/parameters", "weights_digest",
                 runtime::parameter_digest<T>(layout, state.best_parameters));
  file.attribute("/parameters", "last_weights_digest",
                 runtime::parameter_digest<T>(layout, state.parameters));
  data.write(file);
  file.write("/result/train_loss", state.train_loss,
             {"1", "mean objective per training row, by epoch"});
  file.write("/result/validation_loss", state.validation_loss,
             {"1", "mean objective per validation row, by epoch"});
  file.attribute("/result", "best_epoch", state.best_epoch + 1);
  if (spread) {
    file.attribute("/result", "background_objective_mean", spread->mean);
    file.attribute("/result", "background_objective_deviation", spread->deviation);
  }
  if (!settings.training.start_from.empty())
    file.attribute("/result", "started_from", settings.training.start_from);
  file.attribute("/result", "precision", settings.precision);
  file.attribute("/result", "reduce", "exact");
  file.attribute("/result", "ranks", std::int64_t{ranks});
  file.attribute("/timing", "train_seconds", seconds);
  file.attribute(
      "/timing", "samples_per_second",
      static_cast<double>(data.train->rows() * static_cast<std::int64_t>(state.train_loss.size())) /
          seconds);
  meter::write(file, accounts);
}

/// The state to go on from: the newest checkpoint with --resume, else fresh weights. Checkpoints of
/// an earlier run would be mistaken for this run's, so a fresh start wants their folder empty, or
/// --force.
template <class T>
runtime::TrainState<T> first_state(Call const& call, Settings const& settings,
                                   runtime::Trainer<T> const& trainer,
                                   runtime::Checkpoints<T> const& checkpoints,
                                   core::Comm const& comm) {
  if (!call.resume) {
    if (comm.is_root()) checkpoints.start_anew(call.overwrite);
    auto const& earlier = settings.training.start_from;
    return earlier.empty() ? trainer.initial_state()
                           : runtime::Trainer<T>::state_from(
                                 runtime::start_parameters<T>(earlier, settings.graph));
  }
  runtime::TrainState<T> state;
  if (comm.is_root()) state = checkpoints.load_newest();
  runtime::broadcast(comm, state);
  core::log("resumed at epoch {}, step {}", state.epoch + 1, state.step);
  return state;
}

/// Trains to the last epoch, or to the end of the step in which a signal came; then the checkpoint
/// is written and the answer is Next::stop.
template <class T>
typename runtime::Trainer<T>::Next train_epochs(Settings const& settings,
                                                TrainingData<T> const& data,
                                                runtime::Trainer<T>& trainer,
                                                runtime::Checkpoints<T> const& checkpoints,
                                                runtime::TrainState<T>& state,
                                                core::Comm const& comm) {
  using Next = typename runtime::Trainer<T>::Next;
  StopSignal const stop;
  auto const batches = trainer.batches_per_epoch(*data.train);
  core::Progress progress("train", settings.training.epochs * batches, "steps");
  progress.advance(state.epoch * batches + state.batches_done);
  while (state.epoch < settings.training.epochs) {
    while (state.batches_done < batches) {
      auto const wish = stop.requested() ? Next::stop : Next::go_on;
      if (trainer.step(*data.train, state, wish) == Next::stop) {
        if (comm.is_root()) checkpoints.save(state);
        core::warn("stopped by a signal at step {}; continue with --resume", state.step);
        return Next::stop;
      }
      progress.advance(1);
    }
    trainer.finish_epoch(*data.train, *data.validation, state);
    core::log("epoch {:3}: train {:.6g}, validation {:.6g}", state.epoch, state.train_loss.back(),
              state.validation_loss.back());
    bool const last = state.epoch == settings.training.epochs;
    if (comm.is_root() && settings.checkpoint_epochs > 0 &&
        (last || state.epoch % settings.checkpoint_epochs == 0))
      checkpoints.save(state);
  }
  return Next::go_on;
}

/// A constant target lets a network with biases forget its input: the objective of such a network
/// has no spread, or has fallen below a ten-thousandth of what it was before training.
void warn_if_collapsed(Spread const& spread, double before) {
  if (spread.deviation >= 1e-3 * spread.mean && spread.mean >= 1e-4 * before) return;
  core::warn(
      "the objective on background is {:.3g} with deviation {:.3g} (before training: {:.3g}): the "
      "network all "
      "but ignores its input and may separate nothing; train for fewer epochs",
      spread.mean, spread.deviation, before);
}

template <class T>
core::ExitCode run(Call& call, Settings settings, core::Comm const& comm) {
  give_back_large_blocks();
  std::optional<core::Record> record;
  if (comm.is_root()) record.emplace(settings.output, call.verb, call.config, call.overwrite);
  kernels::Session const session(settings.training.device, comm.node().rank());
  settings.training.device = session.device();
  meter::Meter meter(options_for(settings.meter, session, comm));
  core::log("energy: {}", meter.headline());

  auto data_region = meter.begin(meter::Phase::data);
  auto const files = settings.open_files(settings.graph, settings.training);
  settings.graph = files->fed(settings.graph);
  auto largest_batch = settings.training;  // no batch has more rows than there are
  largest_batch.batch = std::min(largest_batch.batch, files->train_rows());
  auto const predicted_bytes = predict_peak(
      "training",
      runtime::training_bytes<T>(settings.graph, largest_batch, comm.size(), comm.rank()) +
          files->bytes_held(sizeof(T)),
      "use fewer ranks per node, a smaller training.micro_batch, training.recompute = true, or "
      "fewer samples",
      comm);
  VALIDATE(files->train_rows() >= comm.size(),
           "{}: {} samples for {} ranks (each rank needs one) use fewer ranks or more samples",
           files->describe(), files->train_rows(), comm.size());
  TrainingData<T> data;
  files->open(comm, data);
  data_region.close();

  runtime::Trainer<T> trainer(settings.graph, settings.training, comm);
  core::log("{}: {} parameters, {} training rows, {} ranks; {}", settings.graph.name,
            models::identity(settings.graph).params, data.train->rows(), comm.size(),
            trainer.describe());
  runtime::Checkpoints<T> const checkpoints(
      settings.checkpoint_folder,
      {models::digest(settings.graph), bits_decided_by(settings, *files, data.digest)},
      trainer.layout());
  auto state = first_state(call, settings, trainer, checkpoints, comm);
  bool const may_collapse = runtime::has_constant_target(settings.graph);
  double const before =
      may_collapse ? trainer.mean_loss(*data.validation, trainer.initial_state().parameters) : 0;

  auto const begin = core::steady_ns();
  auto region = meter.begin(meter::Phase::train);
  auto const next = train_epochs(settings, data, trainer, checkpoints, state, comm);
  region.close();
  double const seconds = core::seconds_between(begin, core::steady_ns()).value;
  if (next == runtime::Trainer<T>::Next::stop) return core::ExitCode::stopped;
  auto const accounts = meter::gather(comm, meter);
  if (!comm.is_root()) return core::ExitCode::ok;

  std::optional<Spread> spread;
  if (settings.data_kind == "events")
    spread = objective_spread(settings, *data.validation, state.best_parameters);
  if (may_collapse && spread) warn_if_collapsed(*spread, before);
  write_record(*record, settings, data, trainer.layout(), state, spread, accounts, comm.size(),
               seconds);
  report_peak(record->file(), predicted_bytes);
  record->commit();
  print_training(
      call, settings.graph,
      {state.train_loss, state.validation_loss, state.best_epoch + 1,
       runtime::parameter_digest<T>(trainer.layout(), state.parameters), seconds, settings.output});
  return core::ExitCode::ok;
}

}  // namespace

/// `crossjoule train study.toml`: trains a network on all ranks and records weights, losses,
/// joules.
core::ExitCode train(Call& call, core::Comm const& comm) {
  auto settings = read_settings(call);
  if (!call.go()) return core::ExitCode::ok;
  return settings.precision == "fp64" ? run<double>(call, std::move(settings), comm)
                                      : run<float>(call, std::move(settings), comm);
}

}  // namespace crossjoule::drivers
