// SPDX-License-Identifier: BSD-3-Clause
// H5File: dimension scales, which name the axes of a dataset. They are three attributes of the HDF5
// dimension scale specification (H5DS), written here because the high-level library that has
// them is not always installed.
#include "core/detail/h5.hpp"

#include <cstring>

namespace crossjoule::core {

using detail::Id;

namespace {

/// An element of REFERENCE_LIST: which axis of which dataset a scale serves.
struct Use {
  hobj_ref_t dataset;
  std::int32_t axis;
};

Id type_of_use() {
  Id type(H5Tcreate(H5T_COMPOUND, sizeof(Use)));
  H5Tinsert(type, "dataset", HOFFSET(Use, dataset), H5T_STD_REF_OBJ);
  H5Tinsert(type, "dimension", HOFFSET(Use, axis), H5T_NATIVE_INT32);
  return type;
}

bool write_list(hid_t object, char const* name, hid_t type, std::size_t length, void const* data) {
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  hsize_t const extent = length;
  Id const space(H5Screate_simple(1, &extent, nullptr));
  Id attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  return attribute.valid() && H5Awrite(attribute, type, data) >= 0 && attribute.close();
}

/// The strings of netCDF and H5DS end with a zero byte that counts.
bool write_name(hid_t object, char const* name, std::string const& value) {
  Id const type(H5Tcopy(H5T_C_S1)), space(H5Screate(H5S_SCALAR));
  H5Tset_size(type, value.size() + 1);
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  Id attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  return attribute.valid() && H5Awrite(attribute, type, value.c_str()) >= 0 && attribute.close();
}

/// Say on the scale that it serves one more axis.
bool add_use(hid_t scale, std::string const& name, Use const& use) {
  std::vector<Use> uses(1);
  Id const type = type_of_use();
  if (H5Aexists(scale, "REFERENCE_LIST") > 0) {
    Id const old(H5Aopen(scale, "REFERENCE_LIST", H5P_DEFAULT)), space(H5Aget_space(old));
    uses.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)) + 1);
    if (H5Aread(old, type, uses.data()) < 0) return false;
  }
  std::memset(&uses.back(), 0, sizeof(Use));  // the bytes between the members, too
  uses.back().dataset = use.dataset;
  uses.back().axis = use.axis;
  return write_name(scale, "CLASS", "DIMENSION_SCALE") &&
         write_name(scale, "NAME", name.substr(name.rfind('/') + 1)) &&
         write_list(scale, "REFERENCE_LIST", type, uses.size(), uses.data());
}

}  // namespace

void H5File::attach_scales(std::string const& dataset, std::vector<std::string> const& scales) {
  detail::H5Guard const guard;
  State& state = *state_;
  std::string const name = detail::normalised(dataset);
  state.require_writing(name);
  Id target(H5Dopen2(state.file, name.c_str(), H5P_DEFAULT));
  if (!target.valid()) state.fail_write("dataset " + name);
  std::vector<std::int64_t> const shape = detail::shape_of(target);
  VALIDATE_AS(ExitCode::internal, shape.size() == scales.size(), "{}: {} axes and {} scales", name,
              shape.size(), scales.size());
  std::vector<hobj_ref_t> references(scales.size());
  std::vector<hvl_t> list(scales.size());
  Use use{};
  bool fine = H5Rcreate(&use.dataset, state.file, name.c_str(), H5R_OBJECT, -1) >= 0;
  for (std::size_t axis = 0; axis < scales.size(); ++axis) {
    std::string const scale_name = detail::normalised(scales[axis]);
    Id scale(H5Dopen2(state.file, scale_name.c_str(), H5P_DEFAULT));
    VALIDATE_AS(ExitCode::internal,
                scale.valid() && detail::shape_of(scale) == std::vector<std::int64_t>{shape[axis]},
                "{}: {} is no scale of axis {}", name, scale_name, axis);
    use.axis = static_cast<std::int32_t>(axis);
    fine = fine && add_use(scale, scale_name, use) && scale.close() &&
           H5Rcreate(&references[axis], state.file, scale_name.c_str(), H5R_OBJECT, -1) >= 0;
    list[axis] = {1, &references[axis]};
  }
  Id const type(H5Tvlen_create(H5T_STD_REF_OBJ));
  fine = fine && write_list(target, "DIMENSION_LIST", type, list.size(), list.data());
  if (!fine || !target.close()) state.fail_write("scales of " + name);
}

void H5File::attribute(std::string const& object, std::string const& name,
                       std::vector<std::string> const& values) {
  detail::H5Guard const guard;
  State& state = *state_;
  state.require_writing(object);
  std::size_t longest = 1;
  for (auto const& value : values) longest = std::max(longest, value.size());
  std::string padded;
  for (auto const& value : values) padded += value + std::string(longest - value.size(), '\0');
  Id target(H5Oopen(state.file, detail::normalised(object).c_str(), H5P_DEFAULT));
  if (!target.valid() ||
      !write_list(target, name.c_str(), detail::text_type(longest), values.size(), padded.data()))
    state.fail_write("attribute " + name);
}

}  // namespace crossjoule::core
