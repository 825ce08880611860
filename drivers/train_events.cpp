// SPDX-License-Identifier: BSD-3-Clause
// Training on samples that fit in memory: collider events, or any table of features.
#include "core/digest.hpp"
#include "core/error.hpp"
#include "drivers/training_data.hpp"
#include "drivers/verbs.hpp"
#include "runtime/source.hpp"
#include "runtime/standardisation.hpp"

#include <span>

namespace crossjoule::drivers {
namespace {

struct Options {
  runtime::SourceOptions train, validation;
};

/// Every tenth row of the training files validates, the others train.
void hold_out_validation(Options& options, core::Config& config) {
  VALIDATE(options.train.split.modulo == 1,
           "validation.files is empty (data.split.modulo is used, so no tenth row can be held out) "
           "name validation.files{}",
           config.section("data").section("split").where("modulo"));
  options.validation = options.train;
  options.train.split.modulo = options.validation.split.modulo = 10;
  options.train.split.remainders = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  options.validation.split.remainders = {9};
}

/// Other samples in the same number of rows are another run: --resume tells them by this.
template <class T>
std::string digest_of(runtime::Matrix<T> const& train, runtime::Matrix<T> const& validation) {
  core::Digester digester;
  digester.add(std::as_bytes(std::span(train.values)));
  digester.add(std::as_bytes(std::span(validation.values)));
  return digester.hex();
}

/// Every rank holds all samples, since an epoch visits them in a shuffled order.
class EventTraining : public TrainingFiles {
 public:
  EventTraining(Options const& options, models::Graph const& graph)
      : train_(options.train),
        validation_(options.validation),
        inputs_(models::shapes(graph).front().size()) {
    VALIDATE(train_.features() == inputs_,
             "{} gives {} features (the network takes {}) set data.layout or network.inputs",
             train_.describe(), train_.features(), inputs_);
    VALIDATE(validation_.features() == inputs_,
             "{} gives {} features (the network takes {}) set validation.layout like data.layout",
             validation_.describe(), validation_.features(), inputs_);
  }

  std::int64_t train_rows() const override { return train_.rows(); }
  std::int64_t validation_rows() const override { return validation_.rows(); }
  std::int64_t bytes_held(std::int64_t number_bytes) const override {
    return (train_.rows() + validation_.rows()) * inputs_ * number_bytes;
  }
  std::string identity() const override { return {}; }
  std::string describe() const override { return train_.describe(); }
  void open(core::Comm const& comm, TrainingData<float>& data) const override { load(comm, data); }
  void open(core::Comm const& comm, TrainingData<double>& data) const override { load(comm, data); }

 private:
  template <class T>
  void load(core::Comm const& comm, TrainingData<T>& data) const {
    auto train = train_.load<T>();
    auto validation = validation_.load<T>();
    data.digest = digest_of(train, validation);
    auto const standardisation =
        runtime::learn_standardisation<T>(train, train_.feature_names(), comm, train_.describe());
    standardisation.apply(train);
    standardisation.apply(validation);
    data.train = std::make_unique<runtime::MatrixRows<T>>(std::move(train));
    data.validation = std::make_unique<runtime::MatrixRows<T>>(std::move(validation));
    data.write = [standardisation, layout = train_.layout()](core::H5File& file) {
      standardisation.write(file);
      file.attribute("/standardisation", "layout", layout);
    };
  }

  runtime::Source train_, validation_;
  std::int64_t inputs_;
};

}  // namespace

OpenTrainingFiles read_event_training(core::Config& config, std::filesystem::path const& output) {
  runtime::SourceOptions generated;  // what `generate events` writes without a configuration
  generated.files = {"events.h5"};
  Options options;
  options.train = runtime::read_source_options(config.section("data"), generated);
  VALIDATE(!options.train.files.empty(),
           "data.files is empty (training needs samples) name at least one HDF5 file{}",
           config.section("data").where("files"));
  options.validation = runtime::read_source_options(config.section(
      "validation",
      "samples that choose the best epoch; without files: every tenth training row, held out"));
  for (auto const* source : {&options.train, &options.validation})
    for (auto const& file : source->files) refuse_to_replace(output, file);
  if (options.validation.files.empty()) hold_out_validation(options, config);
  return [options](models::Graph const& graph, runtime::TrainOptions const&) {
    return std::make_unique<EventTraining>(options, graph);
  };
}

}  // namespace crossjoule::drivers
