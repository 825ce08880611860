// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "core/comm.hpp"
#include "core/config.hpp"
#include "core/h5file.hpp"
#include "models/graph.hpp"
#include "runtime/trainer.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace crossjoule::drivers {

/// Samples ready for a network, and what a user of the trained network needs to make more of them.
template <class T>
struct TrainingData {
  std::unique_ptr<runtime::Rows<T>> train, validation;
  std::function<void(core::H5File&)> write;  ///< into the training record
  std::string digest;  ///< of the numbers themselves; "" for streams, which are never read whole
};

/// The samples of one configuration: one class per `data.kind`.
class TrainingFiles {
 public:
  virtual ~TrainingFiles() = default;
  /// The network over all its steps, as these samples feed it.
  virtual models::Graph fed(models::Graph const& graph) const { return graph; }
  virtual std::int64_t train_rows() const = 0;
  virtual std::int64_t validation_rows() const = 0;
  /// The training samples for messages: file, dataset, rows.
  virtual std::string describe() const = 0;
  /// What reading will hold in memory on this rank, numbers being of `number_bytes`.
  virtual std::int64_t bytes_held(std::int64_t number_bytes) const = 0;
  /// What of it decides the bits of a run, beyond the number of rows.
  virtual std::string identity() const = 0;
  /// Read, or open for reading. Collective.
  virtual void open(core::Comm const& comm, TrainingData<float>& data) const = 0;
  virtual void open(core::Comm const& comm, TrainingData<double>& data) const = 0;
};

/// Takes the keys of `[data]` and `[validation]`; the files are opened by the function it returns,
/// which refuses what the network cannot take. No file of events may be `output`, which is written.
using OpenTrainingFiles = std::function<std::unique_ptr<TrainingFiles>(
    models::Graph const& graph, runtime::TrainOptions const& training)>;
OpenTrainingFiles read_event_training(core::Config& config, std::filesystem::path const& output);
OpenTrainingFiles read_field_training(core::Config& config);

}  // namespace crossjoule::drivers
