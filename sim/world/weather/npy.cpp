// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/weather/npy.hpp"

#include "core/error.hpp"
#include "core/text_file.hpp"

#include <bit>

namespace crossjoule::sim::weather {

std::string npy_bytes(std::span<float const> values, std::vector<std::int64_t> const& shape) {
  static_assert(std::endian::native == std::endian::little, "'<f4' are the bytes in memory");
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
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", extents);
  std::size_t const length = (preamble + header.size() + 1 + alignment - 1) / alignment * alignment;
  header.resize(length - preamble - 1, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() % 256);
  bytes += static_cast<char>(header.size() / 256);
  bytes += header;
  bytes.append(reinterpret_cast<char const*>(values.data()), values.size_bytes());
  return bytes;
}

void write_npy(std::filesystem::path const& path, std::span<float const> values,
               std::vector<std::int64_t> const& shape, core::Overwrite overwrite) {
  core::write_text_file(path, npy_bytes(values, shape), overwrite);
}

}  // namespace crossjoule::sim::weather
