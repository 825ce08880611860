// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/prefetcher.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace crossjoule::runtime {
namespace {

/// Numbers of target k of a sample.
std::size_t target_size(FieldSource const& source, std::size_t k) {
  return static_cast<std::size_t>(
      source.state_size(source.needed(static_cast<std::int64_t>(k) + 1)));
}

}  // namespace

Prefetcher::Prefetcher(FieldSource const& source, std::int64_t batch)
    : source_(source), batch_(static_cast<std::size_t>(std::max<std::int64_t>(batch, 0))) {
  VALIDATE(batch >= 1, "a batch of {} samples (must be 1 or more) choose another batch", batch);
  for (Slot& slot : slots_)
    slot.batch.targets.resize(static_cast<std::size_t>(source.options().targets));
}

Prefetcher::~Prefetcher() = default;

std::int64_t Prefetcher::bytes(FieldSource const& source, std::int64_t batch) {
  std::int64_t numbers = source.start_size();
  for (std::int64_t k = 1; k <= source.options().targets; ++k)
    numbers += source.state_size(source.needed(k));
  auto const buffers = std::min<std::int64_t>(2, (source.samples() + batch - 1) / batch);
  return buffers * batch * static_cast<std::int64_t>(sizeof(float)) * numbers;
}

void Prefetcher::begin(std::vector<std::int64_t> order) {
  thread_ = {};  // asks it to stop and waits: from here on the slots are ours
  order_ = std::move(order);
  for (Slot& slot : slots_) {
    slot.full = false;
    slot.error = nullptr;
    if (!order_.empty()) continue;
    // `= {}` would keep the memory
    slot.batch.inputs = std::vector<float>();
    for (auto& target : slot.batch.targets) target = std::vector<float>();
  }
  taken_ = 0;
  lent_ = false;
  failed_ = nullptr;
  if (!order_.empty()) thread_ = std::jthread([this](std::stop_token const& stop) { run(stop); });
}

void Prefetcher::run(std::stop_token const& stop) {
  for (std::size_t first = 0, number = 0; first < order_.size(); first += batch_, ++number) {
    Slot& slot = slots_[number % 2];
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !slot.full; })) return;
    }
    try {
      if (!fill(slot.batch, first, stop)) return;
    } catch (...) {
      slot.error = std::current_exception();
    }
    bool const failed = slot.error != nullptr;
    {
      std::scoped_lock const lock(mutex_);
      slot.full = true;
    }
    changed_.notify_all();
    if (failed) return;
  }
}

bool Prefetcher::fill(FieldBatch& batch, std::size_t first, std::stop_token const& stop) {
  std::size_t const count = std::min(batch_, order_.size() - first);
  auto const inputs = static_cast<std::size_t>(source_.start_size());
  batch.samples.assign(order_.begin() + static_cast<std::ptrdiff_t>(first),
                       order_.begin() + static_cast<std::ptrdiff_t>(first + count));
  batch.inputs.resize(count * inputs);
  for (std::size_t k = 0; k < batch.targets.size(); ++k)
    batch.targets[k].resize(count * target_size(source_, k));
  for (std::size_t i = 0; i < count; ++i) {
    if (stop.stop_requested()) return false;
    source_.read_start(batch.samples[i], std::span(batch.inputs).subspan(i * inputs, inputs));
    for (std::size_t k = 0; k < batch.targets.size(); ++k) {
      if (stop.stop_requested()) return false;
      auto const offset = static_cast<std::int64_t>(k) + 1;
      auto const size = target_size(source_, k);
      source_.read(batch.samples[i], offset, source_.needed(offset),
                   std::span(batch.targets[k]).subspan(i * size, size));
    }
  }
  return true;
}

FieldBatch* Prefetcher::next() {
  if (failed_) std::rethrow_exception(failed_);
  if (lent_) {
    {
      std::scoped_lock const lock(mutex_);
      slots_[(taken_ - 1) % 2].full = false;
    }
    changed_.notify_all();
    lent_ = false;
  }
  if (taken_ * batch_ >= order_.size()) return nullptr;
  Slot& slot = slots_[taken_ % 2];
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return slot.full; });
  }
  ++taken_;
  if (slot.error) {
    failed_ = slot.error;
    std::rethrow_exception(failed_);
  }
  lent_ = true;
  return &slot.batch;
}

}  // namespace crossjoule::runtime
