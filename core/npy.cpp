// SPDX-License-Identifier: BSD-3-Clause
// NumPy's file format: a magic number, a header that is a Python dictionary, the bytes of the array
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#include "core/npy.hpp"

#include "core/detail/files.hpp"
#include "core/error.hpp"
#include "core/text_file.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>

namespace crossjoule::core {
namespace {

static_assert(std::endian::native == std::endian::little, "'<f4' are the bytes in memory");
constexpr std::string_view magic = "\x93NUMPY";

struct Header {
  std::string descr, order;  ///< "<f4"; "True" where column-major
  std::vector<std::int64_t> shape;
};

/// Reads the dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (1, 21), }.
class HeaderText {
 public:
  HeaderText(std::string_view text, std::string const& path) : rest_(text), path_(path) {}

  Header read() {
    Header header;
    int keys = 0;
    demand('{');
    while (!accept('}')) {
      std::string const key = quoted();
      demand(':');
      if (key == "descr")
        header.descr = descr();
      else if (key == "fortran_order")
        header.order = word();
      else if (key == "shape")
        header.shape = tuple();
      else
        refuse();
      ++keys;
      if (!accept(',')) {
        demand('}');
        break;
      }
    }
    if (keys != 3 || (header.order != "True" && header.order != "False")) refuse();
    return header;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(ExitCode::damaged,
         "{}: its header makes no sense (near '{}') write the file again with numpy.save", path_,
         rest_.substr(0, 30));
  }
  void skip_blanks() {
    auto const begin = rest_.find_first_not_of(" \n");
    rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  }
  bool accept(char sign) {
    skip_blanks();
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void demand(char sign) {
    if (!accept(sign)) refuse();
  }
  std::string quoted() {
    skip_blanks();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) refuse();
    auto const end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) refuse();
    std::string const text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  /// A list describes records: no array of numbers.
  std::string descr() {
    skip_blanks();
    VALIDATE(!rest_.starts_with('['),
             "{}: holds records (an array of numbers is needed) write it again with numpy.save",
             path_);
    return quoted();
  }
  std::string word() {
    skip_blanks();
    auto const end = std::min(rest_.find_first_of(",} \n"), rest_.size());
    std::string const text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> extents;
    demand('(');
    while (!accept(')')) {
      skip_blanks();
      std::int64_t extent = 0;
      auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0) refuse();
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      accept('L');  // Python 2 wrote long integers so
      extents.push_back(extent);
      if (!accept(',')) {
        demand(')');
        break;
      }
    }
    return extents;
  }

  std::string_view rest_;
  std::string const& path_;
};

/// Numbers of type T from their bytes, which are turned around where `swapped`.
template <class T>
std::vector<double> numbers(std::string& bytes, bool swapped) {
  std::vector<double> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    char* const first = bytes.data() + i * sizeof(T);
    if (swapped) std::reverse(first, first + sizeof(T));
    T value;
    std::memcpy(&value, first, sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

std::size_t elements_of(Header const& header, std::string const& name) {
  std::size_t elements = 1;
  for (std::int64_t const extent : header.shape)
    VALIDATE_AS(ExitCode::damaged,
                !__builtin_mul_overflow(elements, static_cast<std::size_t>(extent), &elements) &&
                    elements < (std::size_t{1} << 60),
                "{}: its shape is impossible (its size does not fit 63 bits) replace the file",
                name);
  auto const long_axes =
      std::count_if(header.shape.begin(), header.shape.end(), [](auto n) { return n > 1; });
  VALIDATE(header.order == "False" || long_axes <= 1,
           "{}: its array is stored column by column (fortran_order) save it with "
           "numpy.ascontiguousarray",
           name);
  return elements;
}

}  // namespace

NpyArray read_npy(std::filesystem::path const& path) {
  std::string const name = path.string();
  detail::require_readable_file(path);
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  auto const file_bytes = static_cast<std::size_t>(std::filesystem::file_size(path, ignored));
  char preamble[12] = {};
  file.read(preamble, 8);
  VALIDATE(file.gcount() == 8 && std::string_view(preamble, 6) == magic,
           "{} is no NumPy file (its signature is missing) give a file written by numpy.save",
           name);
  int const version = preamble[6];
  std::size_t const length_bytes = version == 1 ? 2 : 4;
  file.read(preamble + 8, static_cast<std::streamsize>(length_bytes));
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    length |= std::size_t{static_cast<unsigned char>(preamble[8 + i])} << (8 * i);
  std::size_t const begin = 8 + length_bytes + length;
  VALIDATE_AS(ExitCode::damaged, file.good() && version >= 1 && version <= 3 && begin <= file_bytes,
              "{}: its header is cut short or of version {} (1 to 3 are read) write it again", name,
              version);
  std::string text(length, '\0');
  file.read(text.data(), static_cast<std::streamsize>(length));
  Header const header = HeaderText(text, name).read();
  std::string_view const type = header.descr;
  bool const fits = type.size() == 3 && type.find_first_of("<>=") == 0 && type[1] == 'f' &&
                    (type[2] == '4' || type[2] == '8');
  VALIDATE(fits, "{}: holds elements of type {} (float32 or float64 are read) convert it", name,
           type);
  std::size_t const width = type[2] == '4' ? 4 : 8, elements = elements_of(header, name);
  VALIDATE_AS(ExitCode::damaged, file_bytes - begin == elements * width,
              "{}: {} bytes of numbers (its header announces {}) the file is damaged: use another "
              "copy",
              name, file_bytes - begin, elements * width);
  std::string bytes(elements * width, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  VALIDATE_AS(ExitCode::damaged, file.good() || bytes.empty(),
              "{} could not be read (the system gave no reason) check the disk", name);
  bool const swapped = type[0] == '>';
  return {header.shape,
          width == 4 ? numbers<float>(bytes, swapped) : numbers<double>(bytes, swapped)};
}

template <class T>
std::string npy_bytes(std::span<T const> values, std::vector<std::int64_t> const& shape) {
  constexpr std::size_t alignment = 64, preamble = 10;  // magic, version, length of the header
  std::string extents;
  std::int64_t elements = 1;
  for (std::int64_t const extent : shape) {
    extents += fmt::format("{}, ", extent);
    elements *= extent;
  }
  VALIDATE_AS(ExitCode::internal, elements == static_cast<std::int64_t>(values.size()),
              "{} values do not fill an array of {} elements", values.size(), elements);
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  if (shape.size() == 1) extents.pop_back();
  std::string header = fmt::format("{{'descr': '<f{}', 'fortran_order': False, 'shape': ({}), }}",
                                   sizeof(T), extents);
  std::size_t const length = (preamble + header.size() + 1 + alignment - 1) / alignment * alignment;
  header.resize(length - preamble - 1, ' ');
  header += '\n';
  std::string bytes(magic);
  bytes += '\x01';
  bytes += '\x00';
  bytes += static_cast<char>(header.size() % 256);
  bytes += static_cast<char>(header.size() / 256);
  bytes += header;
  bytes.append(reinterpret_cast<char const*>(values.data()), values.size_bytes());
  return bytes;
}

template <class T>
void write_npy(std::filesystem::path const& path, std::span<T const> values,
               std::vector<std::int64_t> const& shape, Overwrite overwrite) {
  write_text_file(path, npy_bytes(values, shape), overwrite);
}

#define CROSSJOULE_INSTANTIATE(T)                                                          \
  template std::string npy_bytes<T>(std::span<T const>, std::vector<std::int64_t> const&); \
  template void write_npy<T>(std::filesystem::path const&, std::span<T const>,             \
                             std::vector<std::int64_t> const&, Overwrite);
CROSSJOULE_INSTANTIATE(float)
CROSSJOULE_INSTANTIATE(double)
#undef CROSSJOULE_INSTANTIATE

}  // namespace crossjoule::core
