// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_source.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "runtime/fields/calendar.hpp"

#include <fmt/ranges.h>
#include <algorithm>

namespace crossjoule::runtime {

FieldSource::FieldSource(FieldOptions const& options)
    : FieldSource(std::make_shared<FieldFiles const>(options.input), options) {}

FieldSource::FieldSource(std::shared_ptr<FieldFiles const> files, FieldOptions const& options)
    : options_(options), files_(std::move(files)) {
  VALIDATE(
      options_.lead >= 1 && options_.targets >= 0 && options_.stride >= 1 && options_.history >= 1,
      "lead {}, targets {}, stride {}, history {} (must be at least 1, 0, 1 and 1) mend the "
      "options",
      options_.lead, options_.targets, options_.stride, options_.history);
  in_ = pick(options_.channels_in.empty() ? files_->channels() : options_.channels_in);
  out_ = pick(options_.channels_out.empty() ? in_.names : options_.channels_out);
  fit_ = fit_grid(files_->grid(), options_.patch, options_.pole_row, options_.fit);
  grid_ = kept_grid(files_->grid(), fit_);
  find_samples();
  if (!options_.statistics.empty()) normalise_with(read_channel_statistics(options_.statistics));
}

FieldSource::Picked FieldSource::pick(std::vector<std::string> const& names) const {
  Picked picked{names, {}, files_->places_of(names), {}};
  for (std::int64_t const place : picked.places)
    picked.units.push_back(files_->units()[static_cast<std::size_t>(place)]);
  picked.scaling.mean.assign(names.size(), 0.0);
  picked.scaling.scale.assign(names.size(), 1.0);
  return picked;
}

void FieldSource::find_samples() {
  std::int64_t const reach = options_.lead * options_.targets;
  // with Within::targets a start may lie up to one lead before the range, but in the same run
  std::int64_t const before = options_.within == Within::targets ? options_.lead : 0;
  std::int64_t const past = options_.lead * (options_.history - 1);
  for (auto const& inside : files_->runs_within(options_.range)) {
    auto const run = *std::find_if(
        files_->runs().begin(), files_->runs().end(),
        [&](core::Share const& r) { return r.first <= inside.first && inside.last <= r.last; });
    // the history is input as the start is: in the range, or with Within::targets in the run
    std::int64_t const first = options_.within == Within::targets
                                   ? std::max(inside.first - before, run.first + past)
                                   : inside.first + past;
    std::int64_t const starts = inside.last - reach - first;
    if (starts <= 0) continue;
    starts_.push_back({samples_, first});
    samples_ += (starts + options_.stride - 1) / options_.stride;
  }
  VALIDATE(samples_ > 0,
           "{}: no sample (no unbroken run in the range has the {} steps that {} and {} targets {} "
           "steps apart need) widen the range, or lower the lead{}",
           files_->describe(), past + reach + 1,
           past > 0 ? fmt::format("{} states", options_.history) : "a start", options_.targets,
           options_.lead, past > 0 ? " or data.history" : "");
}

std::int64_t FieldSource::state_size(Channels which) const {
  return static_cast<std::int64_t>(picked(which).names.size()) * rows() * columns();
}

std::int64_t FieldSource::kept_size(Channels which) const {
  return static_cast<std::int64_t>(picked(which).names.size()) * grid_.points();
}

std::int64_t FieldSource::step_of(std::int64_t sample, std::int64_t offset) const {
  VALIDATE_AS(ExitCode::internal, sample >= 0 && sample < samples_, "sample {} of {}", sample,
              samples_);
  VALIDATE_AS(ExitCode::internal, offset > -options_.history && offset <= options_.targets,
              "target {} of a sample that has {}", offset, options_.targets);
  auto const next = std::upper_bound(
      starts_.begin(), starts_.end(), sample,
      [](std::int64_t wanted, Starts const& starts) { return wanted < starts.first_sample; });
  auto const& starts = *std::prev(next);
  return starts.first_step + (sample - starts.first_sample) * options_.stride +
         offset * options_.lead;
}

std::int64_t FieldSource::bytes_of_files() const {
  if (samples_ == 0) return 0;
  return files_->bytes_held(
      {step_of(0, 1 - options_.history), step_of(samples_ - 1, options_.targets) + 1});
}

Channels FieldSource::needed(std::int64_t offset) const {
  bool const goes_on = offset < options_.targets && in_.names.size() > out_.names.size() &&
                       std::equal(out_.names.begin(), out_.names.end(), in_.names.begin());
  return offset == 0 || goes_on ? Channels::in : Channels::out;
}

void FieldSource::read(std::int64_t sample, std::int64_t offset, Channels which,
                       std::span<float> into) const {
  read_rows(sample, offset, which, {0, rows()}, into);
}

void FieldSource::read_start(std::int64_t sample, std::span<float> into) const {
  EXPECT(static_cast<std::int64_t>(into.size()) == start_size());
  auto const in = static_cast<std::size_t>(state_size(Channels::in));
  auto const out = static_cast<std::size_t>(state_size(Channels::out));
  read(sample, 0, Channels::in, into.first(in));
  for (std::int64_t k = 1; k < options_.history; ++k)
    read(sample, -k, Channels::out, into.subspan(in + static_cast<std::size_t>(k - 1) * out, out));
}

void FieldSource::read_rows(std::int64_t sample, std::int64_t offset, Channels which,
                            core::Share rows, std::span<float> into) const {
  VALIDATE_AS(ExitCode::internal, rows.first >= 0 && rows.count() > 0 && rows.last <= this->rows(),
              "rows {} to {} of {}", rows.first, rows.last, this->rows());
  auto const& [names, units, places, scaling] = picked(which);
  auto const kept = fit_.kept_rows_of(rows);
  auto const kept_plane = static_cast<std::size_t>(kept.count() * fit_.kept_columns);
  auto const plane = static_cast<std::size_t>(rows.count() * columns());
  EXPECT(into.size() == places.size() * plane);
  // a buffer of each thread for grids with pads: reading allocates nothing once it has its size
  static thread_local std::vector<float> buffer;
  std::span<float> stored = into;
  if (fit_.pads()) {
    buffer.resize(places.size() * kept_plane);
    stored = buffer;
  }
  files_->read(step_of(sample, offset), places, kept, {0, fit_.kept_columns}, stored);
  for (std::size_t channel = 0; channel < places.size(); ++channel) {
    auto const values = stored.subspan(channel * kept_plane, kept_plane);
    double const mean = scaling.mean[channel], scale = 1 / scaling.scale[channel];
    for (float& value : values)
      value = static_cast<float>((static_cast<double>(value) - mean) * scale);
    if (fit_.pads()) fit_.pad(values, rows, into.subspan(channel * plane, plane));
  }
}

void FieldSource::read_physical(std::int64_t sample, std::int64_t offset, Channels which,
                                std::span<float> into) const {
  files_->read(step_of(sample, offset), picked(which).places, {0, fit_.kept_rows},
               {0, fit_.kept_columns}, into);
}

void FieldSource::to_physical(Channels which, std::span<float const> state,
                              std::span<float> into) const {
  auto const& scaling = picked(which).scaling;
  auto const plane = static_cast<std::size_t>(rows() * columns());
  auto const kept = static_cast<std::size_t>(grid_.points());
  EXPECT(state.size() == scaling.mean.size() * plane);
  EXPECT(into.size() == scaling.mean.size() * kept);
  for (std::size_t channel = 0; channel < scaling.mean.size(); ++channel) {
    auto const values = into.subspan(channel * kept, kept);
    fit_.unpad(state.subspan(channel * plane, plane), values);
    for (float& value : values)
      value = static_cast<float>(static_cast<double>(value) * scaling.scale[channel] +
                                 scaling.mean[channel]);
  }
}

void FieldSource::normalise_with(ChannelStatistics const& statistics) {
  std::vector<std::string> constant;
  for (auto* picked : {&in_, &out_}) {
    auto const chosen = select_channels(statistics, files_->channels(), picked->names);
    picked->scaling = {chosen.mean, chosen.deviation};
    for (std::size_t i = 0; i < picked->names.size(); ++i) {
      double& scale = picked->scaling.scale[i];
      if (scale > 0) continue;
      scale = 1;
      if (std::find(constant.begin(), constant.end(), picked->names[i]) == constant.end())
        constant.push_back(picked->names[i]);
    }
  }
  if (!constant.empty())
    core::warn("{}: {} of {} channels are constant and get scale 1: {}", statistics.origin,
               constant.size(), files_->channels().size(), fmt::join(constant, ", "));
}

std::string FieldSource::describe() const {
  std::string const lead =
      lead_seconds() > 0 ? step_text(lead_seconds()) : fmt::format("{} steps", options_.lead);
  return fmt::format("{}; {} samples of {} x {}, {} -> {} channels, {}", files_->describe(),
                     samples_, options_.targets, lead, in_.names.size(), out_.names.size(),
                     fit_.describe());
}

}  // namespace crossjoule::runtime
