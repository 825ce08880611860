# SPDX-License-Identifier: BSD-3-Clause
# cmake -DOUTPUT=validation_data.cpp -DSHEET=published.toml -P embed.cmake
# Writes the sheet of published figures into a C++ source.
file(READ ${SHEET} content)
set(text "// SPDX-License-Identifier: BSD-3-Clause\n// Made from aimc/validation/published.toml; edit that.\n")
string(APPEND text "#include \"aimc/validation.hpp\"\n\nnamespace crossjoule::aimc {\n\n")
string(APPEND text "std::string_view published_sheet() {\n  return R\"toml(${content})toml\";\n}\n\n")
string(APPEND text "}  // namespace crossjoule::aimc\n")
file(WRITE ${OUTPUT} "${text}")
