// SPDX-License-Identifier: BSD-3-Clause
// H5File: writing into the temporary file. How it becomes final stands in h5file_commit.cpp.
#include "core/detail/h5.hpp"

#include <algorithm>

namespace crossjoule::core {

using detail::Id;

namespace {

/// A cache that holds several chunks, or none where every write covers whole chunks: many variables
/// of large fields would keep two each until they are closed.
Id dataset_access(std::vector<std::int64_t> const& given_chunk) {
  constexpr std::size_t slots = 1009;
  bool const writes_whole = !given_chunk.empty() && given_chunk.front() == 1;
  std::size_t const cache_bytes = writes_whole ? 0 : std::size_t{8} << 20;
  Id access(H5Pcreate(H5P_DATASET_ACCESS));
  // fully written chunks go first: we stream
  H5Pset_chunk_cache(access, slots, cache_bytes, 1.0);
  return access;
}

}  // namespace

void H5File::State::fail_write(std::string const& what) const {
  std::string const reason = detail::h5_reason();
  fail(ExitCode::damaged, "{} could not be written ({}: {}) free space or choose another output",
       path.string(), what, reason);
}

void H5File::State::require_writing(std::string const& name) const {
  VALIDATE_AS(ExitCode::internal, mode == Mode::writing, "{}: cannot write {} (the file is {})",
              path.string(), name, mode == Mode::reading ? "open for reading" : "committed");
}

void H5File::State::make_groups(std::string const& name) {
  Id properties(H5Pcreate(H5P_GROUP_CREATE));
  H5Pset_obj_track_times(properties, false);  // same content, same bytes
  for (std::size_t end = name.find('/', 1); end != std::string::npos;
       end = name.find('/', end + 1)) {
    std::string const group = name.substr(0, end);
    if (H5Lexists(file, group.c_str(), H5P_DEFAULT) > 0) continue;
    Id made(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, properties, H5P_DEFAULT));
    if (!made.valid() || !made.close()) fail_write("group " + group);
  }
}

Id H5File::State::create_dataset(std::string const& name, hid_t type,
                                 std::vector<std::int64_t> const& shape, Label label,
                                 std::vector<std::int64_t> const& given_chunk) {
  require_writing(name);
  VALIDATE_AS(ExitCode::internal, name != "/" && !exists(name), "{}: {} is written twice",
              path.string(), name);
  std::int64_t const elements = detail::elements_of(shape, name);
  make_groups(name);
  Id properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(properties, false);
  H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
  if (!shape.empty() && elements > 0) {  // an empty dataset has no storage to guard
    EXPECT(given_chunk.empty() || given_chunk.size() == shape.size());
    std::vector<hsize_t> const chunk =
        given_chunk.empty() ? detail::chunk_of(shape, H5Tget_size(type))
                            : std::vector<hsize_t>(given_chunk.begin(), given_chunk.end());
    H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
    H5Pset_fletcher32(properties);
  }
  std::vector<hsize_t> const extents(shape.begin(), shape.end());
  Id const space(shape.empty()
                     ? H5Screate(H5S_SCALAR)
                     : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
  Id dataset(H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, properties,
                        dataset_access(given_chunk)));
  if (!dataset.valid()) fail_write("dataset " + name);
  put_text(dataset, "unit", label.unit);
  put_text(dataset, "description", label.description);
  return dataset;
}

void H5File::State::put_attribute(hid_t object, std::string const& name, hid_t type,
                                  void const* value) {
  if (H5Aexists(object, name.c_str()) > 0) H5Adelete(object, name.c_str());
  Id const scalar(H5Screate(H5S_SCALAR));
  Id attribute(H5Acreate2(object, name.c_str(), type, scalar, H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute, type, value) < 0 || !attribute.close())
    fail_write("attribute " + name);
}

void H5File::State::put_text(hid_t object, std::string const& name, std::string_view value) {
  std::string const padded(value.empty() ? std::string(1, '\0') : std::string(value));
  put_attribute(object, name, detail::text_type(padded.size()), padded.data());
}

void H5File::State::finish_dataset(Id dataset, Digester const& digester, std::string const& name) {
  put_text(dataset, detail::digest_attribute, digester.hex());
  if (!dataset.close()) fail_write("dataset " + name);
}

template <class T>
void H5File::write(std::string const& given, std::span<T const> values,
                   std::vector<std::int64_t> const& shape, Label label) {
  detail::H5Guard const guard;
  std::string const name = detail::normalised(given);
  VALIDATE_AS(ExitCode::internal,
              detail::elements_of(shape, name) == static_cast<std::int64_t>(values.size()),
              "{}: {} values do not fill the shape of {}", path().string(), values.size(), name);
  Id dataset = state_->create_dataset(name, detail::file_type<T>(), shape, label);
  if (!values.empty() &&
      H5Dwrite(dataset, detail::memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    state_->fail_write("dataset " + name);
  Digester digester;
  digester.add(std::as_bytes(values));
  state_->finish_dataset(std::move(dataset), digester, name);
}

void H5File::write_text(std::string const& name, std::string_view text,
                        std::string_view description) {
  detail::H5Guard const guard;
  std::span const bytes(reinterpret_cast<std::uint8_t const*>(text.data()), text.size());
  write<std::uint8_t>(name, bytes, {static_cast<std::int64_t>(text.size())}, {"1", description});
}

void H5File::write_strings(std::string const& given, std::vector<std::string> const& values,
                           std::string_view description) {
  detail::H5Guard const guard;
  std::string const name = detail::normalised(given);
  std::size_t longest = 1;
  for (std::string const& value : values) longest = std::max(longest, value.size());
  std::string padded;
  for (std::string const& value : values)
    padded += value + std::string(longest - value.size(), '\0');
  Id const type = detail::text_type(longest);
  Id dataset = state_->create_dataset(name, type, {static_cast<std::int64_t>(values.size())},
                                      {"1", description});
  if (!values.empty() && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) < 0)
    state_->fail_write("dataset " + name);
  Digester digester;
  digester.add(std::as_bytes(std::span(padded)));
  state_->finish_dataset(std::move(dataset), digester, name);
}

template <class T>
void H5File::create_rows(std::string const& given, std::vector<std::int64_t> const& shape,
                         Label label, std::vector<std::int64_t> const& chunk) {
  detail::H5Guard const guard;
  std::string const name = detail::normalised(given);
  VALIDATE_AS(ExitCode::internal, !shape.empty(), "{}: {} has no rows", path().string(), name);
  State::Rows rows;
  rows.dataset = state_->create_dataset(name, detail::file_type<T>(), shape, label, chunk);
  rows.shape = shape;
  rows.row_elements = detail::elements_of({shape.begin() + 1, shape.end()}, name);
  state_->rows.emplace(name, std::move(rows));
}

template <class T>
void H5File::write_rows(std::string const& given, std::span<T const> values) {
  detail::H5Guard const guard;
  std::string const name = detail::normalised(given);
  state_->require_writing(name);
  auto const found = state_->rows.find(name);
  VALIDATE_AS(ExitCode::internal, found != state_->rows.end(), "{}: no create_rows for {}",
              path().string(), name);
  State::Rows& rows = found->second;
  auto const elements = static_cast<std::int64_t>(values.size());
  if (elements == 0) return;
  std::int64_t const count = rows.row_elements > 0 ? elements / rows.row_elements : 0;
  Id const type(H5Dget_type(rows.dataset));
  VALIDATE_AS(ExitCode::internal,
              count * rows.row_elements == elements && rows.next_row + count <= rows.shape[0] &&
                  H5Tequal(type, detail::file_type<T>()) > 0,
              "{}: {} values are no whole rows of {} (or too many, or of another type)",
              path().string(), elements, name);
  std::vector<hsize_t> first(rows.shape.size(), 0), extent(rows.shape.begin(), rows.shape.end());
  first[0] = static_cast<hsize_t>(rows.next_row);
  extent[0] = static_cast<hsize_t>(count);
  Id const in_memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
  Id const in_file(H5Dget_space(rows.dataset));
  H5Sselect_hyperslab(in_file, H5S_SELECT_SET, first.data(), nullptr, extent.data(), nullptr);
  if (H5Dwrite(rows.dataset, detail::memory_type<T>(), in_memory, in_file, H5P_DEFAULT,
               values.data()) < 0)
    state_->fail_write("dataset " + name);
  rows.digester.add(std::as_bytes(values));
  rows.next_row += count;
}

namespace {

/// The object that an attribute goes to: an existing one, or a new group.
Id open_or_make(H5File::State& state, std::string const& name) {
  if (!state.exists(name)) state.make_groups(name + "/");
  Id object(H5Oopen(state.file, name.c_str(), H5P_DEFAULT));
  if (!object.valid()) state.fail_write("group " + name);
  return object;
}

}  // namespace

void H5File::attribute(std::string const& object, std::string const& name, std::string_view value) {
  detail::H5Guard const guard;
  state_->require_writing(object);
  state_->put_text(open_or_make(*state_, detail::normalised(object)), name, value);
}

void H5File::attribute(std::string const& object, std::string const& name, char const* value) {
  detail::H5Guard const guard;
  attribute(object, name, std::string_view(value));
}

void H5File::attribute(std::string const& object, std::string const& name, double value) {
  detail::H5Guard const guard;
  state_->require_writing(object);
  Id const type(H5Tcopy(H5T_IEEE_F64LE));
  state_->put_attribute(open_or_make(*state_, detail::normalised(object)), name, type, &value);
}

void H5File::attribute(std::string const& object, std::string const& name, std::int64_t value) {
  detail::H5Guard const guard;
  state_->require_writing(object);
  Id const type(H5Tcopy(H5T_STD_I64LE));
  state_->put_attribute(open_or_make(*state_, detail::normalised(object)), name, type, &value);
}

#define CROSSJOULE_INSTANTIATE(T)                                                            \
  template void H5File::write<T>(std::string const&, std::span<T const>,                     \
                                 std::vector<std::int64_t> const&, Label);                   \
  template void H5File::create_rows<T>(std::string const&, std::vector<std::int64_t> const&, \
                                       Label, std::vector<std::int64_t> const&);             \
  template void H5File::write_rows<T>(std::string const&, std::span<T const>);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)
CROSSJOULE_INSTANTIATE(std::int32_t)
CROSSJOULE_INSTANTIATE(std::int64_t)
CROSSJOULE_INSTANTIATE(std::uint8_t)
CROSSJOULE_INSTANTIATE(std::uint64_t)
#undef CROSSJOULE_INSTANTIATE

}  // namespace crossjoule::core
