// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/validation.hpp"
#include "core/text_file.hpp"
#include "drivers/validate_print.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <sstream>

namespace crossjoule::drivers {
namespace {

std::string text_of(std::string const& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The page in docs/ is what the command prints today, to the letter.
TEST(ValidationTable, InTheDocumentsIsWhatTheCommandMakes) {
  auto config = core::Config::from_text(aimc::published_sheet(), "published figures");
  auto const sheet = aimc::read_sheet(config);
  auto const made = validation_markdown(aimc::validate(sheet), sheet.table_only);
  std::istringstream now(made),
      committed(text_of(CROSSJOULE_SOURCE_DIR "/docs/validation_table.md"));
  std::string line, wanted;
  int number = 0;
  while (std::getline(now, line)) {
    ++number;
    ASSERT_TRUE(std::getline(committed, wanted)) << "the page ends before line " << number;
    ASSERT_EQ(wanted, line) << "line " << number << " of docs/validation_table.md: make it anew";
  }
  EXPECT_FALSE(std::getline(committed, wanted)) << "the page has a line too many: " << wanted;
}

}  // namespace
}  // namespace crossjoule::drivers
