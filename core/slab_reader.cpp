// SPDX-License-Identifier: BSD-3-Clause
#include "core/slab_reader.hpp"

#include "core/detail/h5.hpp"

#include <algorithm>

namespace crossjoule::core {

using detail::Id;

namespace {

std::int64_t bytes_while_open(hid_t dataset, std::vector<std::int64_t> const& shape) {
  constexpr std::int64_t file_bytes = 600 << 10, cache_bytes = 1 << 20;
  Id const creation(H5Dget_create_plist(dataset)), type(H5Dget_type(dataset));
  if (H5Pget_layout(creation) != H5D_CHUNKED) return file_bytes;
  auto bytes = static_cast<std::int64_t>(H5Tget_size(type));
  for (std::int64_t const extent : shape) bytes *= extent;
  return file_bytes + std::min(cache_bytes, bytes);
}

}  // namespace

SlabReader::SlabReader(std::filesystem::path const& file, std::string const& dataset)
    : dataset_(dataset) {
  detail::H5Guard const guard;
  state_ = H5File::State::open(file);
  hid_t const open = state_->dataset(dataset);
  state_->require_number(open, dataset, H5T_FLOAT);
  shape_ = detail::shape_of(open);
  bytes_held_ = bytes_while_open(open, shape_);
}

SlabReader::SlabReader(SlabReader&&) noexcept = default;

SlabReader& SlabReader::operator=(SlabReader&& other) noexcept {
  close();
  state_ = std::move(other.state_);
  dataset_ = std::move(other.dataset_);
  shape_ = std::move(other.shape_);
  bytes_held_ = other.bytes_held_;
  return *this;
}

SlabReader::~SlabReader() { close(); }

void SlabReader::close() noexcept {
  if (!state_) return;
  detail::H5Guard const guard;
  state_.reset();
}

std::filesystem::path const& SlabReader::path() const { return state_->path; }

template <class T>
void SlabReader::read(std::span<std::int64_t const> first, std::span<std::int64_t const> count,
                      std::span<T> into) const {
  VALIDATE_AS(ExitCode::internal, first.size() == shape_.size() && count.size() == shape_.size(),
              "{}: a box of {} axes of {}, which has {}", path().string(), count.size(), dataset_,
              shape_.size());
  std::vector<hsize_t> begin, extent;
  std::int64_t elements = 1;
  for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
    VALIDATE_AS(ExitCode::internal,
                first[axis] >= 0 && count[axis] >= 0 && first[axis] <= shape_[axis] - count[axis],
                "{}: axis {} of {}: {} to {} of {} were asked for", path().string(), axis, dataset_,
                first[axis], first[axis] + count[axis], shape_[axis]);
    begin.push_back(static_cast<hsize_t>(first[axis]));
    extent.push_back(static_cast<hsize_t>(count[axis]));
    elements *= count[axis];
  }
  VALIDATE_AS(ExitCode::internal, elements == static_cast<std::int64_t>(into.size()),
              "{}: room for {} values, the box of {} has {}", path().string(), into.size(),
              dataset_, elements);
  if (into.empty()) return;
  detail::H5Guard const guard;
  hid_t const open = state_->dataset(dataset_);
  Id const in_memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
  Id const in_file(H5Dget_space(open));
  H5Sselect_hyperslab(in_file, H5S_SELECT_SET, begin.data(), nullptr, extent.data(), nullptr);
  state_->read_into(open, dataset_, detail::memory_type<T>(), in_memory, in_file, into.data());
}

std::vector<std::string> SlabReader::attribute_texts(std::string const& object,
                                                     std::string const& name) const {
  detail::H5Guard const guard;
  std::vector<std::string> values;
  Id const owner = state_->object(object);
  if (H5Aexists(owner, name.c_str()) <= 0) return values;
  Id const attribute = state_->attribute(object, name);
  Id const type(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  if (H5Tget_class(type) != H5T_STRING) return values;
  constexpr std::size_t most_bytes = std::size_t{1} << 20;  // names and units, not data
  bool const variable = H5Tis_variable_str(type) > 0;
  std::size_t const bytes = variable ? sizeof(char*) : H5Tget_size(type);
  auto const points = H5Sget_simple_extent_npoints(space);
  auto const count = points > 0 ? static_cast<std::size_t>(points) : 0;
  VALIDATE_AS(ExitCode::damaged, bytes <= most_bytes / std::max<std::size_t>(count, 1),
              "{}: attribute {} of {} has {} elements (too large for an attribute) mend the file",
              path().string(), name, object, count);
  if (count == 0) return values;
  std::vector<char*> pointers(variable ? count : 0, nullptr);
  std::string padded(variable ? 0 : count * bytes, '\0');
  void* const to = variable ? static_cast<void*>(pointers.data()) : padded.data();
  if (H5Aread(attribute, type, to) < 0) state_->fail_read("attribute " + name + " of " + object);
  for (char const* text : pointers) values.emplace_back(text ? text : "");
  if (variable) H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
  for (std::size_t i = 0; i < padded.size(); i += bytes) {
    std::string_view const one(padded.data() + i, bytes);
    values.emplace_back(one.substr(0, one.find('\0')));
  }
  return values;
}

template void SlabReader::read<float>(std::span<std::int64_t const>, std::span<std::int64_t const>,
                                      std::span<float>) const;
template void SlabReader::read<double>(std::span<std::int64_t const>, std::span<std::int64_t const>,
                                       std::span<double>) const;

}  // namespace crossjoule::core
