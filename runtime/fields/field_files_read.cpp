// SPDX-License-Identifier: BSD-3-Clause
// FieldFiles: reading boxes of single steps.
#include "core/error.hpp"
#include "runtime/fields/field_files.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace crossjoule::runtime {
namespace {

/// Files held open at once: a climatology visits all years in turn.
constexpr std::size_t most_open_files = 64;

bool all_finite(std::span<float const> values) {
  std::uint32_t found = 0;  // no early exit: a loop without branches runs at the speed of memory
  for (float value : values)
    found |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & 0x7f800000U) ==
                                        0x7f800000U);
  return found == 0;
}

}  // namespace

/// One reader, or one per variable.
struct FieldFiles::Opened {
  std::vector<core::SlabReader> readers;
};

std::shared_ptr<FieldFiles::Opened const> FieldFiles::open(std::size_t part) const {
  std::scoped_lock const lock(mutex_);
  auto const found = std::find_if(opened_.begin(), opened_.end(),
                                  [part](auto const& entry) { return entry.first == part; });
  if (found != opened_.end()) {
    std::rotate(opened_.begin(), found, found + 1);  // the latest first
    return opened_.front().second;
  }
  auto opened = std::make_shared<Opened>();
  auto const& path = parts_[part].file.path;
  if (options_.variables.empty()) opened->readers.emplace_back(path, options_.dataset);
  for (auto const& variable : options_.variables) opened->readers.emplace_back(path, variable);
  if (opened_.size() >= most_open_files) opened_.pop_back();
  opened_.emplace(opened_.begin(), part, opened);
  return opened;
}

std::int64_t FieldFiles::bytes_held(core::Share steps) const {
  if (steps.count() <= 0) return 0;
  std::size_t const first = part_of(steps.first), last = part_of(steps.last - 1);
  std::int64_t bytes = 0;
  for (std::size_t part = first; part <= std::min(last, first + most_open_files - 1); ++part)
    bytes += parts_[part].file.bytes_held;
  return bytes;
}

void FieldFiles::read(std::int64_t step, std::span<std::int64_t const> channels, core::Share rows,
                      core::Share columns, std::span<float> into) const {
  std::size_t const part = part_of(step);
  auto const& [file, first] = parts_[part];
  auto const opened = open(part);
  auto const plane = static_cast<std::size_t>(rows.count() * columns.count());
  EXPECT(into.size() == channels.size() * plane);
  for (std::size_t done = 0; done < channels.size();) {
    std::int64_t const channel = channels[done];
    std::size_t count = 1;  // neighbours in the file are read at once
    bool const joined = options_.variables.empty();
    while (joined && done + count < channels.size() &&
           channels[done + count] == channel + static_cast<std::int64_t>(count))
      ++count;
    auto const target = into.subspan(done * plane, count * plane);
    std::array<std::int64_t, 4> begin = {step - first, channel, rows.first, columns.first},
                                extent = {1, static_cast<std::int64_t>(count), rows.count(),
                                          columns.count()};
    std::size_t axes = 4;
    if (!file.has_channel_axis) {
      axes = 3;
      std::shift_left(begin.begin() + 1, begin.end(), 1);
      std::shift_left(extent.begin() + 1, extent.end(), 1);
    }
    auto const& reader = opened->readers[joined ? 0 : static_cast<std::size_t>(channel)];
    reader.read<float>(std::span(begin).first(axes), std::span(extent).first(axes), target);
    done += count;
  }
  if (all_finite(into)) return;
  auto const bad =
      std::find_if(into.begin(), into.end(), [](float value) { return !std::isfinite(value); });
  std::int64_t const place = bad - into.begin(), size = static_cast<std::int64_t>(plane);
  auto const channel = static_cast<std::size_t>(channels[static_cast<std::size_t>(place / size)]);
  refuse_value(step, file.channels[channel], rows.first + place % size / columns.count(),
               columns.first + place % columns.count(), *bad);
}

void FieldFiles::refuse_value(std::int64_t step, std::string const& channel, std::int64_t row,
                              std::int64_t column, float value) const {
  core::fail(core::ExitCode::bad_input,
             "{}: {} in channel {} at {}, row {}, column {} (fields must be finite) fill the "
             "value, or leave the step out",
             file_of(step).string(), value, channel, time_text(step), row, column);
}

}  // namespace crossjoule::runtime
