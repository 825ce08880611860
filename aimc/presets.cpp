// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/presets.hpp"

#include "core/error.hpp"

namespace crossjoule::aimc {
namespace {

Chip whole_chip(core::Config config, std::string const& name) {
  Chip chip = read_chip(config, name);
  config.refuse_leftovers();
  return chip;
}

}  // namespace

Chip preset(std::string_view name) {
  std::string names;
  for (auto const& each : presets()) {
    if (each.name == name) return chip_from_text(each.text, "preset " + each.name);
    names += (names.empty() ? "" : ", ") + each.name;
  }
  core::fail(core::ExitCode::bad_input,
             "chip \"{}\" is unknown (presets: {}) choose one, or name a file with chip.files",
             name, names);
}

Chip chip_from_file(std::filesystem::path const& path) {
  return whole_chip(core::Config::from_file(path), path.string());
}

Chip chip_from_text(std::string_view text, std::string const& name) {
  return whole_chip(core::Config::from_text(text, name), name);
}

}  // namespace crossjoule::aimc
