// SPDX-License-Identifier: BSD-3-Clause
// H5File: opening and reading numbers and text. Looking around stands in h5file_inspect.cpp.
#include "core/detail/files.hpp"
#include "core/detail/h5.hpp"
#include "core/system.hpp"

#include <fmt/ranges.h>
#include <array>
#include <cmath>

namespace crossjoule::core {

using detail::Id;

H5File H5File::open(std::filesystem::path const& path) { return H5File(State::open(path)); }

std::unique_ptr<H5File::State> H5File::State::open(std::filesystem::path const& path) {
  detail::H5Guard const guard;
  detail::start_h5();
  detail::require_readable_file(path);
  VALIDATE(H5Fis_hdf5(path.c_str()) > 0,
           "{} is not an HDF5 file (its signature is missing) give an HDF5 file", path.string());
  Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  auto state = std::make_unique<State>();
  state->path = path;
  state->file = Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access));
  if (!state->file.valid()) state->fail_read("open");
  detail::refuse_outside_links(state->file, path.string());
  return state;
}

void H5File::State::fail_read(std::string const& what, std::string const& reason) const {
  fail(ExitCode::damaged,
       "{} could not be read ({}: {}) the file is damaged or was not closed: use another copy",
       path.string(), what, reason);
}

bool H5File::State::exists(std::string const& name) const {
  if (name == "/") return true;
  // HDF5 wants every parent looked up first
  for (std::size_t end = name.find('/', 1);; end = name.find('/', end + 1)) {
    std::string const part = name.substr(0, end);
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0 ||
        H5Oexists_by_name(file, part.c_str(), H5P_DEFAULT) <= 0) {
      H5Eclear2(H5E_DEFAULT);
      return false;
    }
    if (end == std::string::npos) return true;
  }
}

Id H5File::State::object(std::string const& given) const {
  std::string const name = detail::normalised(given);
  VALIDATE(exists(name), "{} has no {} (the file holds other things) see crossjoule inspect",
           path.string(), name);
  Id found(H5Oopen(file, name.c_str(), H5P_DEFAULT));
  if (!found.valid()) fail_read(name);
  return found;
}

hid_t H5File::State::dataset(std::string const& given) const {
  std::string const name = detail::normalised(given);
  if (auto const found = opened.find(name); found != opened.end()) return found->second;
  Id found = object(name);
  VALIDATE(H5Iget_type(found) == H5I_DATASET,
           "{}: {} is no dataset (it is a group) see crossjoule inspect", path.string(), name);
  return opened.emplace(name, std::move(found)).first->second;
}

std::int64_t H5File::State::checked_elements(hid_t dataset, std::string const& name,
                                             std::size_t element_bytes) const {
  std::int64_t const elements =
      detail::elements_of(detail::shape_of(dataset), path.string() + ": " + name);
  std::int64_t bytes = 0;
  bool const fits =
      !__builtin_mul_overflow(elements, static_cast<std::int64_t>(element_bytes), &bytes);
  std::int64_t const available = free_memory().smallest();
  VALIDATE_AS(ExitCode::damaged, fits && bytes <= available,
              "{}: {} needs {} x {} bytes ({} are available) use a machine with more memory, or "
              "mend the file",
              path.string(), name, elements, element_bytes, available);
  return elements;
}

void H5File::State::require_number(hid_t dataset, std::string const& name,
                                   H5T_class_t wanted) const {
  Id const type(H5Dget_type(dataset));
  H5T_class_t const found = H5Tget_class(type);
  bool const is_number = found == H5T_INTEGER || found == H5T_FLOAT;
  VALIDATE(is_number,
           "{}: {} does not hold numbers (see crossjoule inspect) give a numeric dataset",
           path.string(), name);
  VALIDATE(found == wanted || wanted == H5T_FLOAT,
           "{}: {} holds floating-point numbers (integers are needed) convert the dataset",
           path.string(), name);
}

namespace {

/// Ends a conversion that would change a number beyond rounding; infinities pass.
H5T_conv_ret_t on_conversion(H5T_conv_except_t what, hid_t from, hid_t, void* source, void*,
                             void* out_of_range) {
  if (what != H5T_CONV_EXCEPT_RANGE_HI && what != H5T_CONV_EXCEPT_RANGE_LOW)
    return H5T_CONV_UNHANDLED;
  if (H5Tequal(from, H5T_NATIVE_DOUBLE) > 0 && std::isinf(*static_cast<double*>(source)))
    return H5T_CONV_UNHANDLED;
  *static_cast<bool*>(out_of_range) = true;
  return H5T_CONV_ABORT;
}

}  // namespace

/// Plug-ins run code of others and stay off, so a sound file may hold what cannot be decoded here.
void H5File::State::require_filters(hid_t dataset, std::string const& name) const {
  Id const properties(H5Dget_create_plist(dataset));
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    std::array<char, 64> title{};
    std::size_t values = 0;
    H5Z_filter_t const filter =
        H5Pget_filter2(properties, static_cast<unsigned>(i), nullptr, &values, nullptr,
                       title.size() - 1, title.data(), nullptr);
    VALIDATE(filter < 0 || H5Zfilter_avail(filter) > 0,
             "{}: {} is compressed with filter {} ({}; HDF5 plug-ins are off, since they run code) "
             "rewrite it with gzip or without compression",
             path.string(), name, static_cast<int>(filter), title.data());
  }
}

void H5File::State::read_into(hid_t dataset, std::string const& name, hid_t memory,
                              hid_t memory_space, hid_t file_space, void* to) const {
  bool out_of_range = false;
  Id const transfer(H5Pcreate(H5P_DATASET_XFER));
  H5Pset_type_conv_cb(transfer, on_conversion, &out_of_range);
  if (H5Dread(dataset, memory, memory_space, file_space, transfer, to) >= 0) return;
  VALIDATE(
      !out_of_range,
      "{}: {} holds a number that does not fit ({} bytes are kept of each) convert the dataset",
      path.string(), name, H5Tget_size(memory));
  std::string const reason = detail::h5_reason();  // before other calls clear it
  require_filters(dataset, name);
  fail_read("dataset " + name, reason);
}

bool H5File::exists(std::string const& name) const {
  detail::H5Guard const guard;
  return state_->exists(detail::normalised(name));
}

std::vector<std::int64_t> H5File::shape(std::string const& name) const {
  detail::H5Guard const guard;
  return detail::shape_of(state_->dataset(name));
}

bool H5File::is_floating(std::string const& name) const {
  detail::H5Guard const guard;
  Id const type(H5Dget_type(state_->dataset(name)));
  return H5Tget_class(type) == H5T_FLOAT;
}

template <class T>
std::vector<T> H5File::read(std::string const& name) const {
  detail::H5Guard const guard;
  hid_t const dataset = state_->dataset(name);
  state_->require_number(dataset, name, std::is_integral_v<T> ? H5T_INTEGER : H5T_FLOAT);
  std::vector<T> values(
      static_cast<std::size_t>(state_->checked_elements(dataset, name, sizeof(T))));
  if (!values.empty())
    state_->read_into(dataset, name, detail::memory_type<T>(), H5S_ALL, H5S_ALL, values.data());
  return values;
}

template <class T>
void H5File::read_rows(std::string const& name, std::int64_t first, std::int64_t count,
                       std::span<T> into) const {
  detail::H5Guard const guard;
  hid_t const dataset = state_->dataset(name);
  state_->require_number(dataset, name, std::is_integral_v<T> ? H5T_INTEGER : H5T_FLOAT);
  std::vector<std::int64_t> shape = detail::shape_of(dataset);
  VALIDATE(!shape.empty(), "{}: {} has no rows (it is a single number) give a table",
           path().string(), name);
  VALIDATE_AS(ExitCode::internal, first >= 0 && count >= 0 && first <= shape[0] - count,
              "{}: rows {} to {} of {} were asked for (it has {})", path().string(), first,
              first + count, name, shape[0]);
  shape[0] = count;
  VALIDATE_AS(ExitCode::internal,
              detail::elements_of(shape, name) == static_cast<std::int64_t>(into.size()),
              "{}: room for {} values, {} rows of {} have shape [{}]", path().string(), into.size(),
              count, name, fmt::join(shape, ", "));
  if (into.empty()) return;
  std::vector<hsize_t> begin(shape.size(), 0), extent(shape.begin(), shape.end());
  begin[0] = static_cast<hsize_t>(first);
  Id const in_memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
  Id const in_file(H5Dget_space(dataset));
  H5Sselect_hyperslab(in_file, H5S_SELECT_SET, begin.data(), nullptr, extent.data(), nullptr);
  state_->read_into(dataset, name, detail::memory_type<T>(), in_memory, in_file, into.data());
}

namespace {

std::string trimmed(char const* first, std::size_t bytes) {
  std::string_view const text(first, bytes);
  return std::string(text.substr(0, text.find('\0')));
}

}  // namespace

std::vector<std::string> H5File::read_strings(std::string const& name) const {
  detail::H5Guard const guard;
  hid_t const dataset = state_->dataset(name);
  Id const type(H5Dget_type(dataset));
  VALIDATE(H5Tget_class(type) == H5T_STRING,
           "{}: {} does not hold text (it holds {}) see crossjoule inspect", path().string(), name,
           type_name(name));
  bool const variable = H5Tis_variable_str(type) > 0;
  std::size_t const bytes = variable ? sizeof(char*) : H5Tget_size(type);
  auto const count = static_cast<std::size_t>(state_->checked_elements(dataset, name, bytes));
  std::vector<std::string> values;
  if (count == 0) return values;
  if (variable) {
    std::vector<char*> pointers(count, nullptr);
    state_->read_into(dataset, name, type, H5S_ALL, H5S_ALL, pointers.data());
    for (char const* text : pointers) values.emplace_back(text ? text : "");
    Id const space(H5Dget_space(dataset));
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
  } else {
    std::string padded(count * bytes, '\0');
    state_->read_into(dataset, name, type, H5S_ALL, H5S_ALL, padded.data());
    for (std::size_t i = 0; i < count; ++i)
      values.push_back(trimmed(padded.data() + i * bytes, bytes));
  }
  return values;
}

std::string H5File::read_text(std::string const& name) const {
  detail::H5Guard const guard;
  Id const type(H5Dget_type(state_->dataset(name)));
  if (H5Tget_class(type) == H5T_STRING)
    return fmt::format("{}", fmt::join(read_strings(name), "\n"));
  std::vector<std::uint8_t> const bytes = read<std::uint8_t>(name);
  return std::string(bytes.begin(), bytes.end());
}

Id H5File::State::attribute(std::string const& given, std::string const& name) const {
  Id const owner = object(given);
  VALIDATE(H5Aexists(owner, name.c_str()) > 0,
           "{}: {} has no attribute {} (another kind of file?) see crossjoule inspect",
           path.string(), given, name);
  Id found(H5Aopen(owner, name.c_str(), H5P_DEFAULT));
  if (!found.valid()) fail_read("attribute " + name + " of " + given);
  return found;
}

bool H5File::has_attribute(std::string const& object, std::string const& name) const {
  detail::H5Guard const guard;
  return exists(object) && H5Aexists(state_->object(object), name.c_str()) > 0;
}

std::string H5File::read_attribute_text(std::string const& object, std::string const& name) const {
  detail::H5Guard const guard;
  Id const attribute = state_->attribute(object, name);
  Id const type(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  VALIDATE(H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1,
           "{}: attribute {} of {} is no text (another kind of file?) see crossjoule inspect",
           path().string(), name, object);
  return attribute_text(object, name);
}

namespace {

template <class T>
T read_scalar(H5File::State const& state, std::string const& object, std::string const& name,
              hid_t memory) {
  Id const attribute = state.attribute(object, name);
  Id const type(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  H5T_class_t const kind = H5Tget_class(type);
  bool const fits = kind == H5T_INTEGER || (kind == H5T_FLOAT && std::is_floating_point_v<T>);
  VALIDATE(fits && H5Sget_simple_extent_npoints(space) == 1,
           "{}: attribute {} of {} is no single {} (another kind of file?) see crossjoule inspect",
           state.path.string(), name, object, std::is_floating_point_v<T> ? "number" : "integer");
  T value{};
  if (H5Aread(attribute, memory, &value) < 0)
    state.fail_read("attribute " + name + " of " + object);
  return value;
}

}  // namespace

double H5File::read_attribute_number(std::string const& object, std::string const& name) const {
  detail::H5Guard const guard;
  return read_scalar<double>(*state_, object, name, H5T_NATIVE_DOUBLE);
}

std::int64_t H5File::read_attribute_integer(std::string const& object,
                                            std::string const& name) const {
  detail::H5Guard const guard;
  return read_scalar<std::int64_t>(*state_, object, name, H5T_NATIVE_INT64);
}

#define CROSSJOULE_INSTANTIATE(T)                                                                  \
  template std::vector<T> H5File::read<T>(std::string const&) const;                               \
  template void H5File::read_rows<T>(std::string const&, std::int64_t, std::int64_t, std::span<T>) \
      const;
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)
CROSSJOULE_INSTANTIATE(std::int32_t)
CROSSJOULE_INSTANTIATE(std::int64_t)
CROSSJOULE_INSTANTIATE(std::uint8_t)
CROSSJOULE_INSTANTIATE(std::uint64_t)
#undef CROSSJOULE_INSTANTIATE

}  // namespace crossjoule::core
