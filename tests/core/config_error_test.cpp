// SPDX-License-Identifier: BSD-3-Clause
// Bad configurations, one a row: exit code 2, a message that holds the words given, and file:line.
#include "core/config.hpp"
#include "core/testing/expect_error.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

struct Row {
  char const* text;                ///< the file
  std::vector<char const*> parts;  ///< what the message must hold
};

void take_all(Config config) {
  config.take("flag", true, "");
  config.take("title", "none", "");
  Config train = config.section("train");
  train.take("batch", std::int64_t{1}, "", {1, 100});
  train.take("steps", 7, "", {0, 1000});
  train.take("rate", 0.1, "", {0, 1});
  train.take("any", 0.0, "");
  train.take("least", 1.0, "", {1, std::numeric_limits<double>::max()});
  train.take("name", "x", "");
  train.take("sizes", std::vector<std::int64_t>{1}, "", {1, 9});
  train.take("rates", std::vector<double>{1}, "", {0, 9});
  train.take("words", std::vector<std::string>{}, "");
  train.take_choice("reduce", "exact", "", {"exact", "fast"});
  for (Config& one : config.sections("signal")) one.take("name", "x", "");
  config.refuse_leftovers();
}

class BadConfig : public ::testing::TestWithParam<Row> {};

TEST_P(BadConfig, IsRefusedWithPlaceAndReason) {
  for (char const* part : GetParam().parts)
    EXPECT_EQ(wrong_outcome(ExitCode::bad_input, part,
                            [] { take_all(Config::from_text(GetParam().text, "s.toml")); }),
              "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfig,
    ::testing::Values(
        // unknown keys and tables
        Row{"flagg = true", {"unknown key flagg", "did you mean flag?", "[s.toml:1]"}},
        Row{"\n\n[train]\nbacth = 3",
            {"unknown key train.bacth", "did you mean batch?", "[s.toml:4]"}},
        Row{"batch = 3", {"unknown key batch", "did you mean train.batch?", "[s.toml:1]"}},
        Row{"[train]\nflag = true", {"unknown key train.flag", "did you mean flag?", "[s.toml:2]"}},
        Row{"[trian]\nbatch = 3", {"unknown table trian", "did you mean train?", "[s.toml:1]"}},
        Row{"zzzzzz = 1", {"unknown key zzzzzz", "use one of flag, title, train, signal"}},
        Row{"[train]\nBatch = 3", {"unknown key train.Batch", "did you mean batch?"}},
        Row{"[[signal]]\nname = 'a'\n[[signal]]\nnam = 'b'",
            {"unknown key signal[1].nam", "did you mean name?", "[s.toml:4]"}},
        Row{"[train.batch2]\nx = 1", {"unknown table train.batch2", "did you mean batch?"}},
        Row{"[train]\nb = 1\na = 2", {"train.b", "[s.toml:2]"}},  // the first in file order
        Row{"\"odd key\" = 1", {"unknown key \"odd key\""}},
        Row{"\"[0]\" = 1", {"unknown key", "[s.toml:1]"}},
        Row{"[[other]]\nx = 1", {"unknown table other", "[s.toml:1]"}},
        Row{"\"\" = 1", {"unknown key \"\""}},
        // wrong types
        Row{"flag = 1", {"flag = 1", "true or false", "[s.toml:1]"}},
        Row{"flag = 'true'", {"flag = \"true\"", "is a string", "[s.toml:1]"}},
        Row{"title = 3", {"title = 3", "is an integer, must be a string", "[s.toml:1]"}},
        Row{"title = ['a']", {"title = [...]", "is an array", "[s.toml:1]"}},
        Row{"[title]\nx = 1", {"title = {...}", "is a table, must be a string", "[s.toml:1]"}},
        Row{"[train]\nbatch = 3.0", {"train.batch = 3", "must be an integer", "[s.toml:2]"}},
        Row{"[train]\nbatch = '3'", {"must be an integer", "[s.toml:2]"}},
        Row{"[train]\nbatch = true", {"must be an integer", "[s.toml:2]"}},
        Row{"[train]\nbatch = 2020-01-01", {"is a date or time", "[s.toml:2]"}},
        Row{"[train]\nsteps = 1e3", {"train.steps = 1000", "must be an integer"}},
        Row{"[train]\nrate = '0.1'", {"train.rate = \"0.1\"", "must be a number"}},
        Row{"[train]\nrate = [0.1]", {"must be a number"}},
        Row{"[train]\nrate = false", {"train.rate = false", "must be a number"}},
        Row{"[train]\nname = 1.5", {"train.name = 1.5", "must be a string"}},
        Row{"[train]\nsizes = 3", {"train.sizes = 3", "must be an array"}},
        Row{"[train]\nsizes = [1, 2.5]",
            {"train.sizes[1] = 2.5", "must be an integer", "[s.toml:2]"}},
        Row{"[train]\nsizes = [[1]]", {"train.sizes[0]", "is an array"}},
        Row{"[train]\nrates = [1, 'x']", {"train.rates[1] = \"x\"", "must be a number"}},
        Row{"[train]\nwords = ['a', 1]", {"train.words[1] = 1", "must be a string"}},
        Row{"[train]\nreduce = 1", {"train.reduce = 1", "must be a string"}},
        Row{"train = 3", {"train", "must be a table", "[s.toml:1]"}},
        Row{"train = []", {"train", "must be a table"}},
        Row{"signal = 3", {"signal", "must be an array of tables", "[s.toml:1]"}},
        Row{"[signal]\nname = 'a'", {"signal", "must be an array of tables", "[[signal]]"}},
        Row{"signal = [1, 2]", {"must be an array of tables"}},
        // out of range, NaN, infinite
        Row{"[train]\nbatch = 0", {"train.batch = 0", "must be 1 to 100", "[s.toml:2]"}},
        Row{"[train]\nbatch = 101", {"train.batch = 101", "must be 1 to 100"}},
        Row{"[train]\nbatch = -9223372036854775808", {"must be 1 to 100"}},
        Row{"[train]\nsteps = 4294967296", {"train.steps = 4294967296", "must be 0 to 1000"}},
        Row{"[train]\nrate = -0.1", {"train.rate = -0.1", "must be 0 to 1"}},
        Row{"[train]\nrate = 1.5", {"must be 0 to 1"}},
        Row{"[train]\nrate = 2", {"train.rate = 2", "must be 0 to 1"}},
        Row{"[train]\nrate = nan", {"train.rate = nan", "[s.toml:2]"}},
        Row{"[train]\nany = nan", {"train.any = nan", "must be a finite number", "[s.toml:2]"}},
        Row{"[train]\nany = inf", {"train.any = inf", "must be a finite number"}},
        Row{"[train]\nany = -inf", {"train.any = -inf", "must be a finite number"}},
        Row{"[train]\nleast = 0.5", {"train.least = 0.5", "must be at least 1"}},
        Row{"[train]\nleast = inf", {"train.least = inf"}},
        Row{"[train]\nsizes = [1, 10]", {"train.sizes[1] = 10", "must be 1 to 9"}},
        Row{"[train]\nrates = [nan]", {"train.rates[0] = nan", "must be 0 to 9"}},
        Row{"[train]\nreduce = 'fats'",
            {"train.reduce = \"fats\"", "exact, fast", "did you mean \"fast\"?", "[s.toml:2]"}},
        Row{"[train]\nreduce = ''", {"must be one of exact, fast", "choose one"}},
        // no TOML
        Row{"flag = ", {"no valid TOML", "[s.toml:1:"}},
        Row{"\nflag = tru", {"no valid TOML", "[s.toml:2:"}},
        Row{"a = 1\na = 2", {"no valid TOML", "[s.toml:2:"}},
        Row{"[train", {"no valid TOML", "[s.toml:1:"}},
        Row{"flag: true", {"no valid TOML", "[s.toml:1:"}},
        Row{"title = \"open", {"no valid TOML"}},
        Row{"batch = 9223372036854775808", {"no valid TOML"}},
        Row{"title = \"\xff\xfe\"", {"no valid TOML"}},
        Row{"[a]\nx=1\n[a]\ny=1", {"no valid TOML", "[s.toml:3:"}}));

TEST(ConfigSet, BadAssignmentsAreRefused) {
  auto refused = [](std::string const& part, char const* assignment) {
    return wrong_outcome(ExitCode::bad_input, part, [&] {
      Config config = Config::from_text("title = 'x'\n[[signal]]\nname = 'a'\n", "s.toml");
      config.set(assignment);
      take_all(config);
    });
  };
  EXPECT_EQ(refused("has no '='", "train.batch"), "");
  EXPECT_EQ(refused("a key is empty", "=3"), "");
  EXPECT_EQ(refused("a key is empty", "train.=3"), "");
  EXPECT_EQ(refused("title is no table", "title.x=3"), "");
  EXPECT_EQ(refused("signal is no table", "signal.name=x"), "");
  EXPECT_EQ(refused("[1] is not there: the file has 1", "signal[1].name=x"), "");
  EXPECT_EQ(refused("[x] is not there", "signal[x].name=x"), "");
  EXPECT_EQ(refused("signal[0].nam", "signal[0].nam=x"), "");
  EXPECT_EQ(refused("is no table", "signal[0]=x"), "");
  for (char const* odd : {"[", "]", "[]", "[0]", "a[", "a]", "a[]", "a]b[", "signal[", "signal[]",
                          "signal[-1].name", "signal[99999999999999999999].name", "..", "a..b"})
    EXPECT_EQ(refused("", (std::string(odd) + "=1").c_str()), "") << odd;
  EXPECT_EQ(refused("no valid TOML value", "train.sizes=[1, "), "");
  EXPECT_EQ(refused("no valid TOML value", "train.name='open"), "");
  EXPECT_EQ(refused("no valid TOML value", "train.name="), "");
  EXPECT_EQ(refused("more than one assignment", "train.batch=1\nflag=true"), "");
  EXPECT_EQ(refused("unknown key train.batsh (no such key here) did you mean batch? [--set]",
                    "train.batsh=3"),
            "");
  EXPECT_EQ(refused("train.batch = 0 (must be 1 to 100) mend the value or remove the key for the "
                    "default [--set]",
                    "train.batch=0"),
            "");
  EXPECT_EQ(refused("train.batch = \"many\" (is a string, must be an integer)", "train.batch=many"),
            "");
}

TEST(BadConfigTwin, AGoodConfigurationPasses) {
  take_all(Config::from_text(
      "flag = false\n[train]\nbatch = 100\nrate = 1\nsizes = [9]\n[[signal]]\n", "s.toml"));
}

TEST(BadConfigTwin, WithoutRefusingLeftoversAMisspeltKeyPasses) {
  Config config = Config::from_text("flagg = true", "s.toml");
  EXPECT_TRUE(config.take("flag", true, ""));  // which is why drivers must call refuse_leftovers
}

}  // namespace
}  // namespace crossjoule::core
