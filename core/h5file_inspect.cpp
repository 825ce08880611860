// SPDX-License-Identifier: BSD-3-Clause
// H5File: looking around in a file, and checking that it is what was written.
#include "core/detail/h5.hpp"
#include "core/system.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <functional>
#include <numeric>

namespace crossjoule::core {

using detail::Id;

namespace {

herr_t append_name(hid_t, char const* name, H5L_info_t const*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

herr_t append_attribute(hid_t, char const* name, H5A_info_t const*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::string bits_of(hid_t type, char const* kind) {
  return fmt::format("{}{}", kind, 8 * H5Tget_size(type));
}

std::string name_of_type(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return bits_of(type, "float");
    case H5T_INTEGER: return bits_of(type, H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int");
    case H5T_STRING: return "text";
    case H5T_ENUM: return "enum";
    case H5T_COMPOUND: return "compound";
    case H5T_VLEN: return "variable-length";
    default: return "other";
  }
}

/// A link or dataset that leads out of its file.
struct Outside {
  std::string name, why;
};

std::string outside_storage(hid_t file, char const* name) {
  Id const dataset(H5Dopen2(file, name, H5P_DEFAULT));
  Id const properties(dataset.valid() ? H5Dget_create_plist(dataset) : -1);
  if (!properties.valid()) return "";  // reading it will say why
  if (H5Pget_layout(properties) == H5D_VIRTUAL) return "a virtual dataset";
  return H5Pget_external_count(properties) > 0 ? "external storage" : "";
}

herr_t check_link(hid_t file, char const* name, H5L_info_t const* info, void* data) {
  auto& outside = *static_cast<Outside*>(data);
  outside.name = name;
  if (info->type == H5L_TYPE_SOFT) return 0;
  if (info->type != H5L_TYPE_HARD) {
    outside.why = "an external or user-defined link";
    return 1;
  }
  H5O_info_t object;
  if (H5Oget_info_by_name2(file, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  if (object.type == H5O_TYPE_DATASET) outside.why = outside_storage(file, name);
  return outside.why.empty() ? 0 : 1;
}

}  // namespace

void detail::refuse_outside_links(hid_t file, std::string const& path) {
  Outside outside;
  herr_t const status = H5Lvisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, check_link, &outside);
  if (status < 0)
    fail(ExitCode::damaged,
         "{} could not be read (its tree, near /{}: {}) the file is damaged: use another copy",
         path, outside.name, h5_reason());
  VALIDATE(outside.why.empty(),
           "{}: /{} is {} (only what is inside a file is read) copy the data into one file", path,
           outside.name, outside.why);
}

bool H5File::is_group(std::string const& name) const {
  detail::H5Guard const guard;
  return H5Iget_type(state_->object(name)) == H5I_GROUP;
}

std::vector<std::string> H5File::children(std::string const& group) const {
  detail::H5Guard const guard;
  Id const open = state_->object(group);
  std::vector<std::string> names;
  if (H5Iget_type(open) != H5I_GROUP) return names;
  if (H5Literate(open, H5_INDEX_NAME, H5_ITER_INC, nullptr, append_name, &names) < 0)
    state_->fail_read("group " + group);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> H5File::attribute_names(std::string const& object) const {
  detail::H5Guard const guard;
  std::vector<std::string> names;
  Id const open = state_->object(object);
  if (H5Aiterate2(open, H5_INDEX_NAME, H5_ITER_INC, nullptr, append_attribute, &names) < 0)
    state_->fail_read("attributes of " + object);
  return names;
}

std::vector<std::string> H5File::all_names() const {
  detail::H5Guard const guard;
  std::vector<std::string> relative, names;
  auto const keep = [](hid_t, char const* name, H5O_info_t const*, void* data) -> herr_t {
    if (std::string_view(name) != ".")
      static_cast<std::vector<std::string>*>(data)->push_back(std::string("/") + name);
    return 0;
  };
  // each object once, under its first name, so that links in a circle end
  if (H5Ovisit2(state_->file, H5_INDEX_NAME, H5_ITER_INC, keep, &names, H5O_INFO_BASIC) < 0)
    state_->fail_read("tree");
  std::sort(names.begin(), names.end());
  return names;
}

std::string H5File::type_name(std::string const& name) const {
  detail::H5Guard const guard;
  Id const type(H5Dget_type(state_->dataset(name)));
  return name_of_type(type);
}

std::string H5File::attribute_text(std::string const& object, std::string const& name) const {
  detail::H5Guard const guard;
  Id const attribute = state_->attribute(object, name);
  Id const type(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  H5T_class_t const kind = H5Tget_class(type);
  auto const count =
      static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space)));
  constexpr std::size_t most_bytes = std::size_t{64}
                                     << 20;  // an attribute is a remark, not a store
  VALIDATE_AS(
      ExitCode::damaged,
      count <= most_bytes && H5Tget_size(type) <= most_bytes / std::max<std::size_t>(count, 1),
      "{}: attribute {} of {} has {} elements (too large for an attribute) mend the file",
      path().string(), name, object, count);
  auto read = [&](hid_t memory, void* to) {
    if (H5Aread(attribute, memory, to) < 0)
      state_->fail_read("attribute " + name + " of " + object);
  };
  if (kind == H5T_INTEGER) {
    std::vector<std::int64_t> values(count);
    read(H5T_NATIVE_INT64, values.data());
    return fmt::format("{}", fmt::join(values, " "));
  }
  if (kind == H5T_FLOAT) {
    std::vector<double> values(count);
    read(H5T_NATIVE_DOUBLE, values.data());
    return fmt::format("{}", fmt::join(values, " "));
  }
  if (kind != H5T_STRING) return "(" + name_of_type(type) + ")";
  std::vector<std::string> values;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> pointers(count, nullptr);
    read(type, pointers.data());
    for (char const* text : pointers) values.emplace_back(text ? text : "");
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
  } else {
    std::size_t const bytes = H5Tget_size(type);
    std::string padded(count * bytes, '\0');
    read(type, padded.data());
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view const one(padded.data() + i * bytes, bytes);
      values.emplace_back(one.substr(0, one.find('\0')));
    }
  }
  return fmt::format("{}", fmt::join(values, " "));
}

std::string H5File::State::digest_of(hid_t dataset, std::string const& name) const {
  Id const type(H5Dget_type(dataset));
  bool const points_elsewhere = H5Tdetect_class(type, H5T_VLEN) > 0 ||
                                H5Tdetect_class(type, H5T_REFERENCE) > 0 ||
                                H5Tis_variable_str(type) > 0;
  std::size_t const element_bytes = std::max<std::size_t>(1, H5Tget_size(type));
  std::vector<std::int64_t> const shape = detail::shape_of(dataset);
  Digester digester;
  if (points_elsewhere || detail::elements_of(shape, name) == 0)
    return points_elsewhere ? "" : digester.hex();
  if (shape.empty()) {
    std::vector<std::byte> one(element_bytes);
    read_into(dataset, name, type, H5S_ALL, H5S_ALL, one.data());
    digester.add(one);
    return digester.hex();
  }
  // blocks of whole rows of about 8 chunks, so that no chunk is decoded twice in a row
  constexpr std::int64_t block_bytes = 8 << 20;
  std::int64_t const row_elements = detail::elements_of({shape.begin() + 1, shape.end()}, name);
  std::int64_t const row_bytes = row_elements * static_cast<std::int64_t>(element_bytes);
  std::int64_t const available = free_memory().smallest();
  VALIDATE_AS(ExitCode::damaged, row_bytes > 0 && row_bytes <= available,
              "{}: one row of {} needs {} bytes ({} are available) mend the file", path.string(),
              name, row_bytes, available);
  std::int64_t rows = std::max<std::int64_t>(1, block_bytes / row_bytes);
  rows = std::min(rows, shape[0]);
  std::vector<std::byte> block(static_cast<std::size_t>(rows * row_bytes));
  std::vector<hsize_t> begin(shape.size(), 0), extent(shape.begin(), shape.end());
  Id const in_file(H5Dget_space(dataset));
  for (std::int64_t first = 0; first < shape[0]; first += rows) {
    std::int64_t const count = std::min(rows, shape[0] - first);
    begin[0] = static_cast<hsize_t>(first);
    extent[0] = static_cast<hsize_t>(count);
    Id const in_memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
    H5Sselect_hyperslab(in_file, H5S_SELECT_SET, begin.data(), nullptr, extent.data(), nullptr);
    read_into(dataset, name, type, in_memory, in_file, block.data());
    digester.add(std::span(block).first(static_cast<std::size_t>(count * row_bytes)));
  }
  return digester.hex();
}

void H5File::check_digests() const {
  detail::H5Guard const guard;
  for (std::string const& name : all_names()) {
    Id const open = state_->object(name);
    if (H5Iget_type(open) != H5I_DATASET) continue;
    std::string const found = state_->digest_of(open, name);
    if (found.empty() || H5Aexists(open, detail::digest_attribute) <= 0) continue;
    std::string const stored = attribute_text(name, detail::digest_attribute);
    VALIDATE_AS(ExitCode::damaged, found == stored,
                "{}: {} is damaged (its digest is {}, {} was stored) use another copy",
                path().string(), name, found, stored);
  }
}

}  // namespace crossjoule::core
