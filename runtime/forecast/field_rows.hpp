// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "runtime/fields/prefetcher.hpp"
#include "runtime/forecast/preparation.hpp"
#include "runtime/rows.hpp"

#include <memory>
#include <vector>

namespace crossjoule::runtime {

/// Samples of fields as a trainer reads them, streamed from the files with a thread that reads
/// ahead: the start, its history and its extra planes; for each further step of the network, what
/// it reads beyond its own output at that time (the tail of channels_in, extra planes); the
/// targets. That is the order of the inputs of models::with_relative_error. Memory is held from
/// expect() to the last row it announced: training and validation take turns.
template <class T>
class FieldRows : public Rows<T> {
 public:
  /// `ahead`: samples of a buffer, of which there are two.
  FieldRows(std::shared_ptr<FieldSource const> source,
            std::shared_ptr<Preparation const> preparation, std::int64_t ahead);

  std::int64_t rows() const override { return source_->samples(); }
  std::int64_t features() const override { return features(*source_, *preparation_); }
  void expect(std::span<std::int64_t const> rows) override;
  void read(std::int64_t row, std::span<T> into) override;

  static std::int64_t features(FieldSource const& source, Preparation const& preparation);
  /// What one holds in memory.
  static std::int64_t bytes(FieldSource const& source, Preparation const& preparation,
                            std::int64_t ahead);

 private:
  /// The parts of sample `row` from the thread that reads ahead, if it comes next there.
  bool take_ahead(std::int64_t row);
  void read_now(std::int64_t row);
  using Place = typename std::span<T>::iterator;
  /// What the network is given beside its own output in step k + 1, written from `place` on.
  Place write_known(std::int64_t row, std::size_t k, Place place);
  std::int64_t time_of(std::int64_t row, std::int64_t offset) const;
  /// Of parts_: from the fields that were read to the network's numbers.
  void prepare(std::int64_t row);
  std::shared_ptr<FieldSource const> source_;
  std::shared_ptr<Preparation const> preparation_;
  Prefetcher prefetcher_;
  FieldBatch* batch_ = nullptr;
  std::size_t next_ = 0;                         ///< in batch_
  std::size_t announced_ = 0;                    ///< rows that were and are still to be read
  std::vector<std::span<float>> parts_;          ///< start, targets of one sample
  std::vector<std::vector<float>> unannounced_;  ///< the same, of a row that was not read ahead
  std::vector<float> extras_;
};

extern template class FieldRows<float>;
extern template class FieldRows<double>;

}  // namespace crossjoule::runtime
