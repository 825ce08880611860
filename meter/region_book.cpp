// SPDX-License-Identifier: BSD-3-Clause
#include "meter/region_book.hpp"

#include <algorithm>

namespace crossjoule::meter {

RegionBook::RegionBook(std::int64_t now_ns) : since_ns_(now_ns) {
  entries_.push_back({"(outside)", Phase::unattributed, 1, 0});
  pending_ns_.push_back(0);
}

int RegionBook::id(std::string_view name, Phase phase) {
  std::lock_guard const guard(mutex_);
  auto const known = ids_.find(std::pair(std::string(name), phase));
  if (known != ids_.end()) return known->second;
  bool const is_full = static_cast<int>(entries_.size()) >= most_names;
  if (is_full && name != "(other)") {
    auto const other = ids_.find(std::pair(std::string("(other)"), phase));
    if (other != ids_.end()) return other->second;
    name = "(other)";
  }
  int const number = static_cast<int>(entries_.size());
  entries_.push_back({std::string(name.substr(0, 200)), phase, 0, 0});
  pending_ns_.push_back(0);
  ids_.emplace(std::pair(std::string(name), phase), number);
  return number;
}

void RegionBook::charge(std::int64_t now_ns) {
  int const id = stack_.empty() ? 0 : stack_.back().id;
  std::int64_t const passed = std::max<std::int64_t>(0, now_ns - since_ns_);
  auto& pending = pending_ns_[static_cast<std::size_t>(id)];
  if (pending == 0 && passed > 0) touched_.push_back(id);
  pending += passed;
  entries_[static_cast<std::size_t>(id)].exclusive_ns += passed;
  since_ns_ += passed;
}

std::int64_t RegionBook::open(int id, std::int64_t now_ns) {
  std::lock_guard const guard(mutex_);
  bool const is_known = id > 0 && id < static_cast<int>(entries_.size());
  if (!is_known) return 0;
  charge(now_ns);
  ++entries_[static_cast<std::size_t>(id)].count;
  int const shown = stack_.size() < most_deep ? id : stack_.back().id;
  stack_.push_back({next_ticket_, shown});
  return next_ticket_++;
}

void RegionBook::close(std::int64_t ticket, std::int64_t now_ns) {
  std::lock_guard const guard(mutex_);
  charge(now_ns);
  // it is nearly always the last one
  auto const found = std::find_if(stack_.rbegin(), stack_.rend(),
                                  [&](auto const& open) { return open.ticket == ticket; });
  if (found != stack_.rend()) stack_.erase(std::next(found).base());
}

bool RegionBook::pop(std::int64_t now_ns) {
  std::lock_guard const guard(mutex_);
  if (stack_.empty()) return false;
  charge(now_ns);
  stack_.pop_back();
  return true;
}

std::vector<std::pair<int, std::int64_t>> RegionBook::take(std::int64_t now_ns) {
  std::lock_guard const guard(mutex_);
  charge(now_ns);
  std::vector<std::pair<int, std::int64_t>> shares;
  for (int const id : touched_) {
    auto& pending = pending_ns_[static_cast<std::size_t>(id)];
    shares.emplace_back(id, pending);
    pending = 0;
  }
  touched_.clear();
  return shares;
}

Phase RegionBook::innermost() const {
  std::lock_guard const guard(mutex_);
  return entries_[static_cast<std::size_t>(stack_.empty() ? 0 : stack_.back().id)].phase;
}

std::vector<RegionBook::Entry> RegionBook::entries() const {
  std::lock_guard const guard(mutex_);
  return entries_;
}

}  // namespace crossjoule::meter
