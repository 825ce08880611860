# SPDX-License-Identifier: BSD-3-Clause
# cmake -DOUTPUT=presets_data.cpp -DCHIPS="a.toml;b.toml" -P embed.cmake
# Writes the chip files into a C++ source, so that the binary needs no data folder.
set(text "// SPDX-License-Identifier: BSD-3-Clause\n// Made from aimc/chips/*.toml by embed.cmake; edit those.\n")
string(APPEND text "#include \"aimc/presets.hpp\"\n\nnamespace crossjoule::aimc {\n\n")
string(APPEND text "std::vector<Preset> const& presets() {\n  static std::vector<Preset> const all = {\n")
foreach(chip IN LISTS CHIPS)
  get_filename_component(name ${chip} NAME_WE)
  file(READ ${chip} content)
  string(APPEND text "      {\"${name}\", R\"toml(${content})toml\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n\n}  // namespace crossjoule::aimc\n")
file(WRITE ${OUTPUT} "${text}")
