// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/field_rows.hpp"

#include <algorithm>

namespace crossjoule::runtime {

template <class T>
FieldRows<T>::FieldRows(std::shared_ptr<FieldSource const> source,
                        std::shared_ptr<Preparation const> preparation, std::int64_t ahead)
    : source_(std::move(source)),
      preparation_(std::move(preparation)),
      prefetcher_(*source_, ahead),
      extras_(static_cast<std::size_t>(preparation_->extra_size())) {
  parts_.resize(static_cast<std::size_t>(source_->options().targets) + 1);
  unannounced_.resize(parts_.size());
}

template <class T>
std::int64_t FieldRows<T>::features(FieldSource const& source, Preparation const& preparation) {
  auto const targets = source.options().targets;
  auto const in = source.state_size(Channels::in), out = source.state_size(Channels::out);
  auto const known = (source.needed(1) == Channels::in ? in - out : 0) + preparation.extra_size();
  return source.start_size() + preparation.extra_size() + (targets - 1) * known + targets * out;
}

template <class T>
std::int64_t FieldRows<T>::bytes(FieldSource const& source, Preparation const& preparation,
                                 std::int64_t ahead) {
  return Prefetcher::bytes(source, ahead) +
         static_cast<std::int64_t>(sizeof(float)) * preparation.extra_size();
}

template <class T>
void FieldRows<T>::expect(std::span<std::int64_t const> rows) {
  prefetcher_.begin({rows.begin(), rows.end()});
  batch_ = nullptr;
  next_ = 0;
  announced_ = rows.size();
  if (!rows.empty()) batch_ = prefetcher_.next();
}

template <class T>
bool FieldRows<T>::take_ahead(std::int64_t row) {
  if (batch_ && next_ == batch_->samples.size()) {
    batch_ = prefetcher_.next();
    next_ = 0;
  }
  if (!batch_ || batch_->samples[next_] != row) return false;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    auto& all = k == 0 ? batch_->inputs : batch_->targets[k - 1];
    auto const size = all.size() / batch_->samples.size();
    parts_[k] = std::span(all).subspan(next_ * size, size);
  }
  ++next_;
  --announced_;
  return true;
}

template <class T>
void FieldRows<T>::read_now(std::int64_t row) {
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    auto const offset = static_cast<std::int64_t>(k);
    auto const which = source_->needed(offset);
    unannounced_[k].resize(
        static_cast<std::size_t>(k == 0 ? source_->start_size() : source_->state_size(which)));
    parts_[k] = unannounced_[k];
    if (k == 0)
      source_->read_start(row, parts_[k]);
    else
      source_->read(row, offset, which, parts_[k]);
  }
}

template <class T>
std::int64_t FieldRows<T>::time_of(std::int64_t row, std::int64_t offset) const {
  if (!preparation_->needs_times() || !source_->files().has_times()) return 0;
  return source_->time_of(row, offset);
}

template <class T>
void FieldRows<T>::prepare(std::int64_t row) {
  auto const in = static_cast<std::size_t>(source_->state_size(Channels::in));
  auto const out = static_cast<std::size_t>(source_->state_size(Channels::out));
  auto const start = parts_[0];
  preparation_->to_network(time_of(row, 0), Channels::in, start.first(in));
  for (std::int64_t k = 1; k < source_->options().history; ++k)  // each state at its own time
    preparation_->to_network(time_of(row, -k), Channels::out,
                             start.subspan(in + static_cast<std::size_t>(k - 1) * out, out));
  for (std::size_t k = 1; k < parts_.size(); ++k) {
    auto const offset = static_cast<std::int64_t>(k);
    preparation_->to_network(time_of(row, offset), source_->needed(offset), parts_[k]);
  }
}

template <class T>
typename FieldRows<T>::Place FieldRows<T>::write_known(std::int64_t row, std::size_t k,
                                                       Place place) {
  auto const out = static_cast<std::ptrdiff_t>(source_->state_size(Channels::out));
  place = std::copy(parts_[k].begin() + (k == 0 ? 0 : out), parts_[k].end(), place);
  if (extras_.empty()) return place;
  preparation_->extras(time_of(row, static_cast<std::int64_t>(k)), extras_);
  return std::ranges::copy(extras_, place).out;
}

template <class T>
void FieldRows<T>::read(std::int64_t row, std::span<T> into) {
  EXPECT(static_cast<std::int64_t>(into.size()) == features());
  bool const was_announced = take_ahead(row);
  if (!was_announced) read_now(row);
  prepare(row);
  auto place = into.begin();
  for (std::size_t k = 0; k + 1 < parts_.size(); ++k) place = write_known(row, k, place);
  auto const out = static_cast<std::ptrdiff_t>(source_->state_size(Channels::out));
  for (std::size_t k = 1; k < parts_.size(); ++k)
    place = std::copy_n(parts_[k].begin(), out, place);
  if (was_announced && announced_ == 0) expect({});
}

template class FieldRows<float>;
template class FieldRows<double>;

}  // namespace crossjoule::runtime
