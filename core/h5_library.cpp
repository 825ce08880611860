// SPDX-License-Identifier: BSD-3-Clause
// The HDF5 library itself: start, errors, types, shapes.
#include "core/detail/h5.hpp"

#include <algorithm>
#include <csignal>
#include <limits>

namespace crossjoule::core::detail {

H5Guard::H5Guard() {
  static std::recursive_mutex mutex;
  lock_ = std::unique_lock(mutex);
}

void ignore_file_size_signal() {
  struct sigaction now {};
  if (sigaction(SIGXFSZ, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
    std::signal(SIGXFSZ, SIG_IGN);
}

void start_h5() {
  static bool const started = [] {
    H5dont_atexit();
    bool const fine = H5open() >= 0 && H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0 &&
                      H5PLset_loading_state(0) >= 0;
    VALIDATE_AS(ExitCode::missing, fine,
                "the HDF5 library does not start ({}) check its installation", h5_reason());
    ignore_file_size_signal();
    return fine;
  }();
  static_cast<void>(started);
}

bool Id::close() {
  hid_t const id = std::exchange(id_, -1);
  if (id < 0) return true;
  switch (H5Iget_type(id)) {
    case H5I_FILE: return H5Fclose(id) >= 0;
    case H5I_GROUP: return H5Gclose(id) >= 0;
    case H5I_DATATYPE: return H5Tclose(id) >= 0;
    case H5I_DATASPACE: return H5Sclose(id) >= 0;
    case H5I_DATASET: return H5Dclose(id) >= 0;
    case H5I_ATTR: return H5Aclose(id) >= 0;
    case H5I_GENPROP_LST: return H5Pclose(id) >= 0;
    default: return false;
  }
}

namespace {

struct Reason {
  std::string system, innermost;
};

herr_t look_at(unsigned, H5E_error2_t const* entry, void* data) {
  auto& reason = *static_cast<Reason*>(data);
  std::string const text = entry->desc ? entry->desc : "";
  if (reason.innermost.empty()) reason.innermost = text;
  // the sec2 driver writes "..., error message = 'No space left on device', ..."
  constexpr std::string_view mark = "error message = '";
  if (auto const begin = text.find(mark); begin != std::string::npos && reason.system.empty())
    reason.system = text.substr(begin + mark.size(),
                                text.find('\'', begin + mark.size()) - begin - mark.size());
  return 0;
}

}  // namespace

std::string h5_reason() {
  Reason reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look_at, &reason);
  H5Eclear2(H5E_DEFAULT);
  if (!reason.system.empty()) return reason.system;
  return reason.innermost.empty() ? "HDF5 gave no reason" : reason.innermost;
}

template <>
hid_t memory_type<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t memory_type<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t memory_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t memory_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t memory_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
hid_t memory_type<std::uint64_t>() {
  return H5T_NATIVE_UINT64;
}
template <>
hid_t file_type<float>() {
  return H5T_IEEE_F32LE;
}
template <>
hid_t file_type<double>() {
  return H5T_IEEE_F64LE;
}
template <>
hid_t file_type<std::int32_t>() {
  return H5T_STD_I32LE;
}
template <>
hid_t file_type<std::int64_t>() {
  return H5T_STD_I64LE;
}
template <>
hid_t file_type<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
hid_t file_type<std::uint64_t>() {
  return H5T_STD_U64LE;
}

std::int64_t elements_of(std::vector<std::int64_t> const& shape, std::string const& what) {
  std::int64_t elements = 1;
  for (std::int64_t const extent : shape)
    VALIDATE_AS(
        ExitCode::damaged, extent >= 0 && !__builtin_mul_overflow(elements, extent, &elements),
        "{} has an impossible shape (its size does not fit 63 bits) replace the file", what);
  return elements;
}

std::vector<hsize_t> chunk_of(std::vector<std::int64_t> const& shape, std::size_t element_bytes) {
  constexpr std::int64_t target_bytes = 1 << 20;
  std::int64_t row = static_cast<std::int64_t>(element_bytes);
  for (std::int64_t const extent : shape) row *= extent;
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  // halving would leave half-empty last chunks: cut each axis into equal parts, leading axis first
  for (std::size_t axis = 0; axis < shape.size() && row > target_bytes; ++axis) {
    std::int64_t const below = row / shape[axis];
    std::int64_t const fit = std::max<std::int64_t>(1, target_bytes / below);
    std::int64_t const parts = (shape[axis] + fit - 1) / fit;
    std::int64_t const length = (shape[axis] + parts - 1) / parts;
    chunk[axis] = static_cast<hsize_t>(length);
    row = below * length;
    if (fit > 1) break;
  }
  return chunk;
}

std::vector<std::int64_t> shape_of(hid_t dataset) {
  Id const space(H5Dget_space(dataset));
  int const rank = H5Sget_simple_extent_ndims(space);
  if (rank <= 0) return {};
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  std::vector<std::int64_t> shape;
  for (hsize_t const extent : extents)
    shape.push_back(extent > hsize_t(std::numeric_limits<std::int64_t>::max())
                        ? -1
                        : static_cast<std::int64_t>(extent));
  return shape;
}

std::string normalised(std::string const& name) {
  std::string result;
  for (std::size_t begin = 0; begin <= name.size();) {
    std::size_t const end = std::min(name.find('/', begin), name.size());
    std::string const part = name.substr(begin, end - begin);
    VALIDATE(part != "." && part != "..",
             "'{}' is no name in an HDF5 file (has relative parts) write /a/b", name);
    if (!part.empty()) result += '/' + part;
    begin = end + 1;
  }
  return result.empty() ? "/" : result;
}

Id text_type(std::size_t bytes) {
  Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, std::max<std::size_t>(bytes, 1));
  H5Tset_cset(type, H5T_CSET_UTF8);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}

}  // namespace crossjoule::core::detail
