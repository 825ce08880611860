// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/fields/field_source.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace crossjoule::runtime {

/// Samples that go through a network together.
struct FieldBatch {
  std::vector<std::int64_t> samples;
  std::vector<float> inputs;                ///< per sample as FieldSource::read_start gives it
  std::vector<std::vector<float>> targets;  ///< per target k: (sample, channel, row, column), the
                                            ///< channels as FieldSource::needed(k + 1) says

  std::int64_t size() const { return static_cast<std::int64_t>(samples.size()); }
};

/// Batches of a source in a given order, read ahead by one thread, so that reading hides behind
/// computing: while the caller works on one batch, the next one fills the other buffer. Buffers are
/// allocated by begin() and freed by begin({}). The caller and the thread share nothing but these
/// buffers.
class Prefetcher {
 public:
  /// The source must outlive the prefetcher and not be changed meanwhile.
  Prefetcher(FieldSource const& source, std::int64_t batch);
  /// Stops the thread after the state it is reading.
  ~Prefetcher();
  Prefetcher(Prefetcher const&) = delete;

  /// Begin reading these samples, in this order, `batch` at a time (the last batch may be
  /// smaller); what was being read before is dropped. Nothing to read: the buffers are freed.
  void begin(std::vector<std::int64_t> order);
  /// The next batch, the caller's to change until the next call; null after the last one. An error
  /// of the reading thread is thrown here, in its place, and again by every further call until
  /// begin().
  FieldBatch* next();
  /// Bytes of the buffers of a prefetcher that reads a whole source.
  static std::int64_t bytes(FieldSource const& source, std::int64_t batch);

 private:
  struct Slot {
    FieldBatch batch;
    std::exception_ptr error;
    bool full = false;
  };
  void run(std::stop_token const& stop);
  /// False where a stop was asked for meanwhile.
  bool fill(FieldBatch& batch, std::size_t first, std::stop_token const& stop);

  FieldSource const& source_;
  std::size_t batch_;
  std::vector<std::int64_t> order_;
  Slot slots_[2];
  std::size_t taken_ = 0;  ///< batches handed out since begin(), the caller's own count
  bool lent_ = false;      ///< the caller holds the batch handed out last
  std::exception_ptr failed_;
  std::mutex mutex_;  ///< of Slot::full
  std::condition_variable_any changed_;
  std::jthread thread_;  ///< last: it ends before what it uses
};

}  // namespace crossjoule::runtime
