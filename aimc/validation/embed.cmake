# SPDX-License-Identifier: BSD-3-Clause
# cmake -DOUTPUT=validation_data.cpp -DSHEETS="a.toml;b.toml" -P embed.cmake
# Writes the sheets of published figures, one after the other, into a C++ source.
set(content "")
foreach(sheet IN LISTS SHEETS)
  file(READ ${sheet} text)
  string(APPEND content "${text}\n")
endforeach()
set(text "// SPDX-License-Identifier: BSD-3-Clause\n// Made from aimc/validation/*.toml; edit those.\n")
string(APPEND text "#include \"aimc/validation.hpp\"\n\nnamespace crossjoule::aimc {\n\n")
string(APPEND text "std::string_view published_sheet() {\n  return R\"toml(${content})toml\";\n}\n\n")
string(APPEND text "}  // namespace crossjoule::aimc\n")
file(WRITE ${OUTPUT} "${text}")
