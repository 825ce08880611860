// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_files.hpp"

#include "core/error.hpp"
#include "runtime/fields/calendar.hpp"
#include "runtime/fields/file_list.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace crossjoule::runtime {
namespace {

constexpr std::int64_t day_seconds = 86'400;

/// Months counted from year 0.
std::int64_t month_index(std::int64_t seconds) {
  auto const time = calendar_of(seconds);
  return std::int64_t{time.year} * 12 + time.month;
}

}  // namespace

FieldFiles::FieldFiles(FieldFilesOptions const& options) : options_(options) {
  VALIDATE(options_.variables.empty() || options_.channel_names.empty(),
           "data.variables and data.channel_names (variables are the names) drop one");
  for (auto const& path : list_field_files(options_.files, options_.pattern, options_.years)) {
    Part part{inspect_field_file(path, options_), steps_};
    if (!parts_.empty()) refuse_different(first_file(), part.file);
    steps_ += part.file.steps;
    parts_.push_back(std::move(part));
  }
  VALIDATE(has_times() || options_.join == FieldFilesOptions::Join::never,
           "{}: no time stamps (data.join = \"contiguous\" needs them) use \"never\"",
           first_file().path.string());
  find_step();
  find_runs();
}

FieldFiles::~FieldFiles() = default;

/// The most frequent difference between neighbours, the smaller one of equals; between files only
/// where no file has two steps.
void FieldFiles::find_step() {
  step_seconds_ = std::llround(options_.step_hours * 3600);
  if (step_seconds_ > 0 || !has_times()) return;
  std::map<std::int64_t, std::int64_t> inside, between;
  for (auto part = parts_.begin(); part != parts_.end(); ++part) {
    auto const& times = part->file.times;
    for (std::size_t i = 1; i < times.size(); ++i) ++inside[times[i] - times[i - 1]];
    if (part != parts_.begin()) ++between[times.front() - std::prev(part)->file.times.back()];
  }
  std::int64_t most = 0;
  for (auto const& [difference, count] : inside.empty() ? between : inside)
    if (difference > 0 && count > most) {
      step_seconds_ = difference;
      most = count;
    }
}

/// Equal steps within 1 % (stamps may be rounded), or one step per calendar month.
bool FieldFiles::follows(std::int64_t before, std::int64_t after) const {
  std::int64_t const difference = after - before;
  if (difference <= 0) return false;
  if (std::abs(difference - step_seconds_) * 100 <= step_seconds_) return true;
  bool const monthly = step_seconds_ >= 28 * day_seconds && step_seconds_ <= 31 * day_seconds;
  return monthly && month_index(after) == month_index(before) + 1;
}

void FieldFiles::split_into_runs(Part const& part) {
  auto const& [file, first] = part;
  std::int64_t begin = first;
  for (std::size_t i = 1; i < file.times.size(); ++i) {
    std::int64_t const before = file.times[i - 1], after = file.times[i];
    if (follows(before, after)) continue;
    VALIDATE(after > before, "{}: time stamps that do not rise (after {} comes {}) mend the file",
             file.path.string(), runtime::time_text(before), runtime::time_text(after));
    VALIDATE(options_.gaps == FieldFilesOptions::Gaps::split,
             "{}: a gap in time between {} and {} ({} in a series of steps of {}) fill it, or set "
             "data.gaps = \"split\"",
             file.path.string(), runtime::time_text(before), runtime::time_text(after),
             step_text(after - before), step_text(step_seconds_));
    std::int64_t const end = first + static_cast<std::int64_t>(i);
    runs_.push_back({begin, end});
    begin = end;
  }
  runs_.push_back({begin, first + file.steps});
}

void FieldFiles::find_runs() {
  for (auto const& part : parts_) {
    bool const joins = options_.join == FieldFilesOptions::Join::contiguous && part.first > 0 &&
                       follows(time_of(part.first - 1), time_of(part.first));
    std::size_t const before = runs_.size();
    split_into_runs(part);
    if (!joins) continue;
    runs_[before - 1].last = runs_[before].last;
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(before));
  }
}

std::size_t FieldFiles::part_of(std::int64_t step) const {
  VALIDATE_AS(ExitCode::internal, step >= 0 && step < steps_, "step {} of {}", step, steps_);
  auto const next =
      std::upper_bound(parts_.begin(), parts_.end(), step,
                       [](std::int64_t wanted, Part const& part) { return wanted < part.first; });
  return static_cast<std::size_t>(next - parts_.begin()) - 1;
}

std::int64_t FieldFiles::time_of(std::int64_t step) const {
  auto const& [file, first] = parts_[part_of(step)];
  VALIDATE(!file.times.empty(),
           "{}: no time stamps (they are needed here) add a dataset `timestamp`, or name the file "
           "by its year",
           file.path.string());
  return file.times[static_cast<std::size_t>(step - first)];
}

std::string FieldFiles::time_text(std::int64_t step) const {
  if (has_times()) return runtime::time_text(time_of(step));
  return fmt::format("step {} of its file", step - parts_[part_of(step)].first);
}

std::filesystem::path const& FieldFiles::file_of(std::int64_t step) const {
  return parts_[part_of(step)].file.path;
}

std::vector<core::Share> FieldFiles::runs_within(TimeRange const& range) const {
  bool const by_time = range.from || range.until;
  VALIDATE(!by_time || has_times(),
           "{}: no time stamps (a range of times needs them) use first_step and steps",
           first_file().path.string());
  auto const inside = [&](std::int64_t step) {
    if (step < range.first || step - range.first >= range.count) return false;
    if (!by_time) return true;
    std::int64_t const time = time_of(step);
    return (!range.from || time >= *range.from) && (!range.until || time < *range.until);
  };
  std::vector<core::Share> found;
  for (auto run : runs_) {  // times rise inside a run: what is inside is one piece
    while (run.first < run.last && !inside(run.first)) ++run.first;
    while (run.first < run.last && !inside(run.last - 1)) --run.last;
    if (run.count() > 0) found.push_back(run);
  }
  VALIDATE(!found.empty(),
           "{}: no step lies in the range asked for (the files hold {} to {}) mend "
           "the range",
           describe(), time_text(0), time_text(steps_ - 1));
  return found;
}

std::vector<std::int64_t> FieldFiles::places_of(std::vector<std::string> const& names) const {
  std::vector<std::int64_t> places;
  for (auto const& name : names) {
    auto const found = std::find(channels().begin(), channels().end(), name);
    VALIDATE(found != channels().end(), "{}: no channel {} (the file has {}) choose among these",
             first_file().path.string(), name, fmt::join(channels(), ", "));
    places.push_back(found - channels().begin());
  }
  return places;
}

std::string FieldFiles::describe() const {
  std::string const others =
      parts_.size() > 1 ? fmt::format(" and {} more", parts_.size() - 1) : "";
  std::string const step = step_seconds_ > 0 ? " of " + step_text(step_seconds_) : "";
  return fmt::format("{}{}: {} steps{}, {} channels, {} x {}", first_file().path.string(), others,
                     steps_, step, channels().size(), grid().rows, grid().columns);
}

}  // namespace crossjoule::runtime
