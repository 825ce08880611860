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
  for (std::size_t k = 0; k < parts_.size(); ++k)
    parts_[k].resize(
        static_cast<std::size_t>(source_->state_size(k == 0 ? Channels::in : Channels::out)));
}

template <class T>
std::int64_t FieldRows<T>::features(FieldSource const& source, Preparation const& preparation) {
  return source.state_size(Channels::in) + preparation.extra_size() +
         source.options().targets * source.state_size(Channels::out);
}

template <class T>
void FieldRows<T>::expect(std::span<std::int64_t const> rows) {
  prefetcher_.begin({rows.begin(), rows.end()});
  batch_ = nullptr;
  next_ = 0;
  if (!rows.empty()) batch_ = prefetcher_.next();
}

template <class T>
bool FieldRows<T>::take_ahead(std::int64_t row) {
  if (batch_ && next_ == batch_->samples.size()) {
    batch_ = prefetcher_.next();
    next_ = 0;
  }
  if (!batch_ || batch_->samples[next_] != row) return false;
  auto const copy = [&](std::vector<float> const& from, std::vector<float>& to) {
    auto const begin = from.begin() + static_cast<std::ptrdiff_t>(next_ * to.size());
    std::copy_n(begin, to.size(), to.begin());
  };
  copy(batch_->inputs, parts_[0]);
  for (std::size_t k = 1; k < parts_.size(); ++k) copy(batch_->targets[k - 1], parts_[k]);
  ++next_;
  return true;
}

template <class T>
void FieldRows<T>::read_now(std::int64_t row) {
  for (std::size_t k = 0; k < parts_.size(); ++k)
    source_->read(row, static_cast<std::int64_t>(k), k == 0 ? Channels::in : Channels::out,
                  parts_[k]);
}

template <class T>
void FieldRows<T>::read(std::int64_t row, std::span<T> into) {
  EXPECT(static_cast<std::int64_t>(into.size()) == features());
  if (!take_ahead(row)) read_now(row);
  auto const time_of = [&](std::size_t k) {
    return preparation_->needs_times() && source_->files().has_times()
               ? source_->time_of(row, static_cast<std::int64_t>(k))
               : 0;
  };
  auto place = into.begin();
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    preparation_->to_network(time_of(k), k == 0 ? Channels::in : Channels::out, parts_[k]);
    place = std::ranges::copy(parts_[k], place).out;
    if (k > 0 || extras_.empty()) continue;
    preparation_->extras(time_of(k), extras_);
    place = std::ranges::copy(extras_, place).out;
  }
}

template class FieldRows<float>;
template class FieldRows<double>;

}  // namespace crossjoule::runtime
