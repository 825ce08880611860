// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/checkpoint.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <array>

namespace crossjoule::runtime {
namespace {

namespace fs = std::filesystem;

/// The whole-number part of a state, in the order it is stored.
template <class State>
auto counters(State& state) {
  return std::array{&state.epoch, &state.step, &state.batches_done, &state.best_epoch};
}
constexpr std::array<char const*, 4> counter_names = {"epoch", "step", "batches_done",
                                                      "best_epoch"};

bool is_checkpoint(fs::path const& path) {
  std::string const name = path.filename().string();
  return name.starts_with("ckpt-") && name.ends_with(".h5");
}

}  // namespace

template <class T>
std::vector<fs::path> Checkpoints<T>::newest_first() const {
  std::vector<fs::path> found;
  std::error_code refused;
  fs::directory_iterator entry(folder_, refused);
  VALIDATE(!refused || refused == std::errc::no_such_file_or_directory,
           "checkpoint folder {} cannot be read ({}) set checkpoint.folder", folder_.string(),
           refused.message());
  for (; entry != fs::directory_iterator(); ++entry)
    if (is_checkpoint(entry->path())) found.push_back(entry->path());
  std::sort(found.rbegin(), found.rend());  // names carry the step with leading zeros
  return found;
}

template <class T>
void Checkpoints<T>::start_anew(core::Overwrite overwrite) const {
  auto const earlier = newest_first();
  VALIDATE(
      earlier.empty() || overwrite == core::Overwrite::yes,
      "{}: checkpoint of an earlier run (a new one would mix with it) continue it with --resume, "
      "start anew with --force, or set checkpoint.folder",
      earlier.front().string());
  for (auto const& path : earlier) fs::remove(path);
}

template <class T>
void Checkpoints<T>::save(TrainState<T> const& state) const {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  VALIDATE_AS(ExitCode::damaged, !failed,
              "cannot make the checkpoint folder {} ({}) set checkpoint.folder", folder_.string(),
              failed.message());
  auto file = core::H5File::create(folder_ / fmt::format("ckpt-{:012}.h5", state.step),
                                   core::Overwrite::yes);
  write_parameters<T>(file, "/parameters", layout_, state.parameters);
  write_parameters<T>(file, "/best_parameters", layout_, state.best_parameters);
  write_parameters<T>(file, "/optimizer/moment1", layout_, state.moment1);
  write_parameters<T>(file, "/optimizer/moment2", layout_, state.moment2);
  file.write("/progress/train_loss", state.train_loss,
             {"1", "mean objective per row, by finished epoch"});
  file.write("/progress/validation_loss", state.validation_loss,
             {"1", "mean objective per validation row, by finished epoch"});
  for (std::size_t i = 0; i < counter_names.size(); ++i)
    file.attribute("/progress", counter_names[i], *counters(state)[i]);
  file.attribute("/progress", "loss_sum", state.loss_sum);
  file.attribute("/progress", "schema", schema);
  file.attribute("/progress", "graph_digest", identity_.graph_digest);
  file.attribute("/progress", "settings", identity_.settings);
  file.commit();

  auto const all = newest_first();
  for (std::size_t i = 2; i < all.size(); ++i) fs::remove(all[i], failed);
}

template <class T>
TrainState<T> Checkpoints<T>::load(fs::path const& path) const {
  auto const file = core::H5File::open(path);
  file.check_digests();
  auto const name = path.string();
  VALIDATE(file.exists("/progress") && file.has_attribute("/progress", "schema"),
           "{}: no checkpoint (it has no /progress) name the folder of a training run in "
           "checkpoint.folder",
           name);
  auto const found = file.read_attribute_integer("/progress", "schema");
  VALIDATE(found <= schema,
           "{}: checkpoint schema {} (this program knows up to {}) resume with the newer program",
           name, found, schema);
  auto const digest = file.read_attribute_text("/progress", "graph_digest");
  VALIDATE(digest == identity_.graph_digest,
           "{}: checkpoint of another network (digest {}, this one is {}) set checkpoint.folder to "
           "its own place",
           name, digest, identity_.graph_digest);
  auto const settings = file.read_attribute_text("/progress", "settings");
  VALIDATE(settings == identity_.settings,
           "{}: checkpoint of a run with other settings (was: {}; now: {}) restore them or start "
           "anew without --resume",
           name, settings, identity_.settings);
  TrainState<T> state;
  state.parameters = read_parameters<T>(file, "/parameters", layout_);
  state.best_parameters = read_parameters<T>(file, "/best_parameters", layout_);
  state.moment1 = read_parameters<T>(file, "/optimizer/moment1", layout_);
  state.moment2 = read_parameters<T>(file, "/optimizer/moment2", layout_);
  state.train_loss = file.read<double>("/progress/train_loss");
  state.validation_loss = file.read<double>("/progress/validation_loss");
  state.loss_sum = file.read_attribute_number("/progress", "loss_sum");
  for (std::size_t i = 0; i < counter_names.size(); ++i)
    *counters(state)[i] = file.read_attribute_integer("/progress", counter_names[i]);
  return state;
}

template <class T>
TrainState<T> Checkpoints<T>::load_newest() const {
  for (auto const& path : newest_first()) {
    try {
      return load(path);
    } catch (core::Error const& error) {
      if (error.code() != core::ExitCode::damaged) throw;
      core::warn("skipped a damaged checkpoint: {}", error.what());
    }
  }
  core::fail(core::ExitCode::bad_input,
             "--resume found no usable checkpoint in {} (there is nothing to continue) start "
             "without --resume, or set "
             "checkpoint.folder",
             folder_.string());
}

template <class T>
void broadcast(core::Comm const& comm, TrainState<T>& state) {
  for (auto* values : {&state.parameters, &state.best_parameters, &state.moment1, &state.moment2})
    comm.broadcast(*values);
  comm.broadcast(state.train_loss);
  comm.broadcast(state.validation_loss);
  std::vector<std::int64_t> numbers;
  for (auto* counter : counters(state)) numbers.push_back(*counter);
  comm.broadcast(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) *counters(state)[i] = numbers[i];
  std::vector<double> sum = {state.loss_sum};
  comm.broadcast(sum);
  state.loss_sum = sum.front();
}

template class Checkpoints<float>;
template class Checkpoints<double>;
template void broadcast<float>(core::Comm const&, TrainState<float>&);
template void broadcast<double>(core::Comm const&, TrainState<double>&);

}  // namespace crossjoule::runtime
