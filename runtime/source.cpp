// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/source.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <bit>
#include <cmath>

namespace crossjoule::runtime {
namespace {

/// Joined rows held at once while features are picked out of them: 20 MB of float events.
constexpr std::int64_t block_rows = 65'536;

std::vector<std::string> dataset_names(core::H5File const& file) {
  std::vector<std::string> names;
  for (auto const& child : file.children("/"))
    if (!file.is_group("/" + child)) names.push_back(child);
  return names;
}

template <class Bits, class T>
bool all_finite(std::span<T const> values, Bits exponent) {
  Bits found = 0;  // no early exit: a loop without branches runs at the speed of memory
  for (T value : values)
    found |= static_cast<Bits>((std::bit_cast<Bits>(value) & exponent) == exponent);
  return found == 0;
}
bool all_finite(std::span<float const> values) {
  return all_finite<std::uint32_t>(values, 0x7f800000);
}
bool all_finite(std::span<double const> values) {
  return all_finite<std::uint64_t>(values, 0x7ff0000000000000);
}

}  // namespace

Source::Source(SourceOptions const& options) : options_(options) {
  VALIDATE(!options_.files.empty(),
           "no input file (the list `files` is empty) name at least one HDF5 file");
  auto& remainders = options_.split.remainders;
  std::sort(remainders.begin(), remainders.end());
  open_parts();
  std::int64_t const modulo = options_.split.modulo;
  VALIDATE(remainders.empty() ||
               (remainders.front() >= 0 && remainders.back() < modulo &&
                std::adjacent_find(remainders.begin(), remainders.end()) == remainders.end()),
           "split.remainders = [{}] (must be different numbers from 0 to modulo - 1 = {}) mend the "
           "split",
           fmt::join(remainders, ", "), modulo - 1);
  selected_rows_ = joined_rows_;
  if (!remainders.empty()) {
    auto const rest = std::lower_bound(remainders.begin(), remainders.end(), joined_rows_ % modulo);
    selected_rows_ = joined_rows_ / modulo * static_cast<std::int64_t>(remainders.size()) +
                     (rest - remainders.begin());
  }
  rows_ = std::clamp<std::int64_t>(selected_rows_ - options_.split.first, 0, options_.split.count);
  VALIDATE(rows_ > 0,
           "{}: no row is left (the split picks {} of {} rows and starts at {}) widen the split",
           describe(), selected_rows_, joined_rows_, options_.split.first);
}

void Source::open_parts() {
  for (auto const& path : options_.files) {
    parts_.push_back(open_part(path));
    joined_rows_ += parts_.back().rows;
  }
  if (is_event_layout(options_.layout)) {
    names_ = event_feature_names(options_.layout);
    return;
  }
  for (std::int64_t i = 0; i < row_numbers_; ++i) names_.push_back(fmt::format("feature {}", i));
}

Source::Part Source::open_part(std::filesystem::path const& path) {
  auto file = core::H5File::open(path);
  std::string const name = path.string(), dataset = options_.dataset;
  auto const there = dataset_names(file);
  VALIDATE(file.exists(dataset) && !file.is_group(dataset),
           "{}: no dataset {} (the file has {}) set `dataset`", name, dataset,
           there.empty() ? "none at its top" : fmt::format("{}", fmt::join(there, ", ")));
  auto const shape = file.shape(dataset);
  bool const events = is_event_layout(options_.layout);
  bool const fits =
      events ? shape.size() == 3 && shape[1] == event_objects && shape[2] == event_numbers
             : shape.size() == 2 && shape[1] > 0;
  VALIDATE(fits, "{}: {} has shape ({}) (layout {} needs {}) choose another layout or dataset",
           name, dataset, fmt::join(shape, ", "), options_.layout,
           events ? "(N, 19, 4)" : "(N, features)");
  VALIDATE(file.is_floating(dataset),
           "{}: {} does not hold floating-point numbers (samples must) convert the dataset", name,
           dataset);
  VALIDATE(shape[0] > 0,
           "{}: {} holds zero events (a source needs one) write or choose another file", name,
           dataset);
  std::int64_t const numbers = events ? event_objects * event_numbers : shape[1];
  VALIDATE(parts_.empty() || numbers == row_numbers_,
           "{}: rows of {} numbers ({} has {}) join files of one kind", name, numbers,
           options_.files.front().string(), row_numbers_);
  row_numbers_ = numbers;
  return {std::move(file), joined_rows_, shape[0]};
}

std::string Source::describe() const {
  std::string const others =
      options_.files.size() > 1 ? fmt::format(" and {} more", options_.files.size() - 1) : "";
  return fmt::format("{}{}: {}, {} of {} rows", options_.files.front().string(), others,
                     options_.dataset, rows_, joined_rows_);
}

std::int64_t Source::global_row(std::int64_t row) const {
  row += options_.split.first;
  auto const& remainders = options_.split.remainders;
  if (remainders.empty()) return row;
  auto const kept = static_cast<std::int64_t>(remainders.size());
  return row / kept * options_.split.modulo + remainders[static_cast<std::size_t>(row % kept)];
}

/// Joined rows [first, first + count), whatever files they lie in.
template <class T>
void Source::read_joined(std::int64_t first, std::int64_t count, std::span<T> into) const {
  for (auto const& part : parts_) {
    std::int64_t const begin = std::max(first, part.first),
                       end = std::min(first + count, part.first + part.rows);
    if (begin >= end) continue;
    auto const target = into.subspan(static_cast<std::size_t>((begin - first) * row_numbers_),
                                     static_cast<std::size_t>((end - begin) * row_numbers_));
    part.file.read_rows<T>(options_.dataset, begin - part.first, end - begin, target);
  }
}

/// `raw` holds the rows from source row `first` on.
template <class T>
void Source::refuse_non_finite(std::span<T const> raw, std::int64_t first) const {
  if (all_finite(raw)) return;
  auto const bad =
      std::find_if(raw.begin(), raw.end(), [](T value) { return !std::isfinite(value); });
  std::int64_t const place = bad - raw.begin(), row = global_row(first + place / row_numbers_);
  auto const part = std::find_if(parts_.begin(), parts_.end(),
                                 [row](Part const& p) { return row < p.first + p.rows; });
  std::int64_t const number = place % row_numbers_;
  core::fail(core::ExitCode::bad_input,
             "{}: {} holds {} in event {}, {} (samples must be finite) remove the event",
             part->file.path().string(), options_.dataset, *bad, row - part->first,
             is_event_layout(options_.layout) ? event_number_name(number)
                                              : fmt::format("feature {}", number));
}

template <class T>
void Source::read(std::int64_t first, std::int64_t count, std::span<T> into) const {
  bool const events = is_event_layout(options_.layout), whole = is_as_stored(options_.layout);
  auto const& split = options_.split;
  if (split.remainders.empty() && whole) {  // stored rows are the features: no copy
    read_joined<T>(global_row(first), count, into);
    return refuse_non_finite<T>(into, first);
  }
  auto const kept =
      split.remainders.empty() ? 1 : static_cast<std::int64_t>(split.remainders.size());
  std::int64_t const step =
      std::max<std::int64_t>(1, block_rows / (split.remainders.empty() ? 1 : split.modulo) * kept);
  auto const width = static_cast<std::size_t>(row_numbers_);
  std::vector<T> raw;
  for (std::int64_t done = 0; done < count; done += step) {
    std::int64_t const rows = std::min(step, count - done), begin = global_row(first + done);
    std::int64_t const joined = global_row(first + done + rows - 1) + 1 - begin;
    raw.resize(static_cast<std::size_t>(joined) * width);
    read_joined<T>(begin, joined, raw);
    for (std::int64_t i = 0; i < rows; ++i) {
      auto const from = static_cast<std::size_t>(global_row(first + done + i) - begin) * width;
      std::copy_n(raw.data() + from, width, raw.data() + static_cast<std::size_t>(i) * width);
    }
    std::span<T const> const picked = std::span(raw).first(static_cast<std::size_t>(rows) * width);
    refuse_non_finite<T>(picked, first + done);
    auto const target = into.subspan(static_cast<std::size_t>(done * features()),
                                     static_cast<std::size_t>(rows * features()));
    if (events)
      to_features<T>(options_.layout, picked, target);
    else
      std::copy(picked.begin(), picked.end(), target.begin());
  }
}

template <class T>
Matrix<T> Source::load() const {
  Matrix<T> samples{rows_, features(),
                    std::vector<T>(static_cast<std::size_t>(rows_ * features()))};
  read<T>(0, rows_, samples.values);
  return samples;
}

template void Source::read<float>(std::int64_t, std::int64_t, std::span<float>) const;
template void Source::read<double>(std::int64_t, std::int64_t, std::span<double>) const;
template Matrix<float> Source::load<float>() const;
template Matrix<double> Source::load<double>() const;

}  // namespace crossjoule::runtime
