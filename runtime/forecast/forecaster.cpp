// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/forecaster.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/philox.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace crossjoule::runtime {

template <class T>
Forecaster<T>::Forecaster(FieldSource const& source, Preparation const& preparation,
                          Rollout<T>& rollout, EnsembleOptions const& ensemble,
                          std::int64_t history)
    : source_(source),
      preparation_(preparation),
      rollout_(rollout),
      ensemble_(ensemble),
      more_fields_(source.state_size(Channels::in) - source.state_size(Channels::out)),
      past_((history - 1) * source.state_size(Channels::out)) {
  auto const& in = source.channels(Channels::in);
  auto const& out = source.channels(Channels::out);
  bool const begins = in.size() >= out.size() && std::equal(out.begin(), out.end(), in.begin());
  VALIDATE(begins,
           "the network reads {} and predicts {} (its output must be the first part of its next "
           "input) train with data.channels_in beginning with data.channels_out",
           fmt::join(in, " "), fmt::join(out, " "));
  auto const forcing = more_fields_ + past_ + preparation.extra_size();
  VALIDATE(
      rollout.state_size() == source.state_size(Channels::out) && rollout.forcing_size() == forcing,
      "the network reads {} numbers and makes {} (these fields have {} and {}) give fields of "
      "its grid and channels",
      rollout.state_size() + rollout.forcing_size(), rollout.state_size(),
      source.state_size(Channels::out) + forcing, source.state_size(Channels::out));
  auto const members = static_cast<std::size_t>(ensemble.members);
  states_.resize(members * static_cast<std::size_t>(rollout.state_size()));
  history_.resize(members * static_cast<std::size_t>(past_));
  forcing_.resize(static_cast<std::size_t>(rollout.max_batch() * rollout.forcing_size()));
  start_.resize(static_cast<std::size_t>(source.state_size(Channels::in)));
  one_.resize(static_cast<std::size_t>(source.state_size(Channels::out)));
  fields_.resize(members * static_cast<std::size_t>(source.kept_size(Channels::out)));
}

template <class T>
std::int64_t Forecaster<T>::bytes(FieldSource const& source, Preparation const& preparation,
                                  std::int64_t members, std::int64_t history) {
  auto const out = source.state_size(Channels::out), in = source.state_size(Channels::in);
  return static_cast<std::int64_t>(sizeof(T)) *
             (members * history * out + in - out + preparation.extra_size()) +
         4 * (in + out + members * source.kept_size(Channels::out));
}

template <class T>
std::int64_t Forecaster<T>::time_at(std::int64_t start, std::int64_t step) const {
  if (!source_.files().has_times()) return 0;
  // stamps of a monthly series are not evenly spaced: ask the files while they last
  auto const file_step = start + step * source_.options().lead;
  if (file_step < source_.files().steps()) return source_.files().time_of(file_step);
  return source_.files().time_of(start) + step * source_.lead_seconds();
}

template <class T>
void Forecaster<T>::perturb(std::int64_t start, std::int64_t member, std::span<T> state) const {
  auto const item = static_cast<std::uint64_t>(start) << 20 | static_cast<std::uint64_t>(member);
  core::Random random(ensemble_.seed, core::purpose("forecast/perturbation"), item);
  for (T& value : state) value += static_cast<T>(ensemble_.amplitude * random.normal());
}

template <class T>
void Forecaster<T>::begin(std::int64_t start) {
  source_.read(start, 0, Channels::in, start_);
  preparation_.to_network(time_at(start, 0), Channels::in, start_);
  auto const size = static_cast<std::size_t>(rollout_.state_size());
  for (std::int64_t member = 0; member < ensemble_.members; ++member) {
    auto const state = std::span(states_).subspan(static_cast<std::size_t>(member) * size, size);
    std::copy_n(start_.begin(), size, state.begin());
    if (member > 0) perturb(start, member, state);
  }
  read_history(start);
}

/// The analyses before the start, the same for all members.
template <class T>
void Forecaster<T>::read_history(std::int64_t start) {
  if (past_ == 0) return;
  auto const states = past_ / rollout_.state_size();
  for (std::int64_t k = 1; k <= states; ++k) {
    source_.read(start - k * source_.options().lead, 0, Channels::out, one_);
    preparation_.to_network(time_at(start, -k), Channels::out, one_);
    for (std::int64_t member = 0; member < ensemble_.members; ++member)
      std::ranges::copy(
          one_, history_.begin() +
                    static_cast<std::ptrdiff_t>(member * past_ + (k - 1) * rollout_.state_size()));
  }
}

/// Give each member of a batch its own history, then let the state that is read now become the
/// newest of it.
template <class T>
void Forecaster<T>::shift_history(std::int64_t first, std::int64_t count) {
  if (past_ == 0) return;
  auto const state = static_cast<std::size_t>(rollout_.state_size());
  for (std::int64_t b = 0; b < count; ++b) {
    auto const member = static_cast<std::size_t>(first + b);
    auto const past = std::span(history_).subspan(member * static_cast<std::size_t>(past_),
                                                  static_cast<std::size_t>(past_));
    std::ranges::copy(past, forcing_.begin() + static_cast<std::ptrdiff_t>(
                                                   b * rollout_.forcing_size() + more_fields_));
    std::copy_backward(past.begin(), past.end() - static_cast<std::ptrdiff_t>(state), past.end());
    std::ranges::copy(std::span(states_).subspan(member * state, state), past.begin());
  }
}

/// What the network reads at `step` beyond its states, once for each member of a batch.
template <class T>
void Forecaster<T>::fill_forcing(std::int64_t start, std::int64_t step) {
  auto const size = static_cast<std::size_t>(rollout_.forcing_size());
  if (size == 0) return;
  auto const time = time_at(start, step);
  if (step > 0 && more_fields_ > 0) {
    source_.read(start + step * source_.options().lead, 0, Channels::in, start_);
    preparation_.to_network(time, Channels::in, start_);
  }
  auto const more = std::span(start_).last(static_cast<std::size_t>(more_fields_));
  auto const place = std::ranges::copy(more, forcing_.begin()).out;
  std::vector<float> extras(static_cast<std::size_t>(preparation_.extra_size()));
  preparation_.extras(time, extras);
  std::ranges::copy(extras, place + static_cast<std::ptrdiff_t>(past_));
  for (std::int64_t b = 1; b < rollout_.max_batch(); ++b)
    std::copy_n(forcing_.begin(), size,
                forcing_.begin() + static_cast<std::ptrdiff_t>(b * rollout_.forcing_size()));
}

template <class T>
void Forecaster<T>::advance() {
  auto const begin = core::steady_ns();
  for (std::int64_t first = 0; first < ensemble_.members; first += rollout_.max_batch()) {
    auto const count = std::min(rollout_.max_batch(), ensemble_.members - first);
    shift_history(first, count);
    auto const part = [&](auto& all, std::int64_t from, std::int64_t size) {
      return std::span(all).subspan(static_cast<std::size_t>(from * size),
                                    static_cast<std::size_t>(count * size));
    };
    rollout_.advance(part(states_, first, rollout_.state_size()),
                     part(forcing_, 0, rollout_.forcing_size()), count);
  }
  network_seconds_ += core::seconds_between(begin, core::steady_ns()).value;
  applications_ += ensemble_.members;
}

template <class T>
void Forecaster<T>::to_fields(std::int64_t start, std::int64_t step) {
  auto const state = static_cast<std::size_t>(rollout_.state_size());
  auto const kept = static_cast<std::size_t>(source_.kept_size(Channels::out));
  auto const time = time_at(start, step);
  auto const& channels = source_.channels(Channels::out);
  for (std::size_t member = 0; member < static_cast<std::size_t>(ensemble_.members); ++member) {
    for (std::size_t i = 0; i < state; ++i)
      one_[i] = static_cast<float>(states_[member * state + i]);
    preparation_.from_network(time, Channels::out, one_);
    auto const into = std::span(fields_).subspan(member * kept, kept);
    source_.to_physical(Channels::out, one_, into);
    auto const wrong = std::ranges::find_if(into, [](float v) { return !std::isfinite(v); });
    VALIDATE_AS(
        ExitCode::non_finite, wrong == into.end(),
        "the forecast from {} left the finite numbers in step {}, member {}, channel {} "
        "(the network is unstable over so many steps) forecast fewer steps, or fine-tune "
        "the network over two",
        source_.files().time_text(start), step, member,
        channels[static_cast<std::size_t>(wrong - into.begin()) / (kept / channels.size())]);
  }
}

template <class T>
void Forecaster<T>::run(std::int64_t start, std::int64_t steps, Visit const& visit) {
  begin(start);
  for (std::int64_t step = 1; step <= steps; ++step) {
    fill_forcing(start, step - 1);
    advance();
    to_fields(start, step);
    visit(step, fields_);
  }
}

template class Forecaster<float>;
template class Forecaster<double>;

}  // namespace crossjoule::runtime
