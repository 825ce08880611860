// SPDX-License-Identifier: BSD-3-Clause
#include "core/config.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <fstream>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

/// What a driver might know: every type, nested tables, an array of tables.
struct Known {
  bool verbose;
  std::int64_t batch;
  int small;
  double rate, whole, unset;
  std::string name, quoted, choice;
  std::vector<std::int64_t> sizes;
  std::vector<double> rates;
  std::vector<std::string> words;
  std::vector<std::string> signals;
  bool operator==(Known const& other) const {
    auto tied = [](Known const& k) {
      return std::tie(k.verbose, k.batch, k.small, k.rate, k.whole, k.name, k.quoted, k.choice,
                      k.sizes, k.rates, k.words, k.signals);
    };
    return tied(*this) == tied(other) && std::isnan(unset) == std::isnan(other.unset);
  }
};

Known take_all(Config config) {
  Known known;
  known.verbose = config.take("verbose", false, "say more");
  known.name = config.take("name", "svdd", "of the network");
  Config train = config.section("train", "how to train\nsecond line of the comment");
  known.batch = train.take("batch", std::int64_t{1024}, "events per step", {1, 65536});
  known.small = train.take("small", 3, "a small integer", {0, 9});
  known.rate = train.take("rate", 1e-5, "learning rate", {0, 1});
  known.whole = train.take("whole", 3.0, "a whole number");
  known.unset = train.take("unset", std::nan(""), "no default");
  Config deep = train.section("deep", "a table in a table");
  known.sizes =
      deep.take("sizes", std::vector<std::int64_t>{76, 512}, "of the layers", {1, 10'000});
  known.rates = deep.take("rates", std::vector<double>{0.5, 2}, "rates");
  known.words = deep.take("words", std::vector<std::string>{"a b", "c"}, "words");
  known.quoted = deep.take("quoted", "a \"b\"\\\n\t", "text with signs");
  known.choice = deep.take_choice("choice", "exact", "how to reduce", {"exact", "fast"});
  for (Config& signal : config.sections("signal", "signals to score"))
    known.signals.push_back(signal.take("name", "zz", "of the process"));
  Config example = config.example("signal");
  example.take("name", "zz", "of the process");
  config.refuse_leftovers();
  return known;
}

TEST(Config, EmptyMeansDefaults) {
  Known const known = take_all(Config());
  EXPECT_EQ(known.batch, 1024);
  EXPECT_EQ(known.rate, 1e-5);
  EXPECT_EQ(known.sizes, (std::vector<std::int64_t>{76, 512}));
  EXPECT_TRUE(known.signals.empty());
}

TEST(Config, FileGivesValues) {
  Known const known = take_all(Config::from_text(R"(
verbose = true
name = 'AE'
[train]
batch = 0x10
rate = 1          # an integer passes for a number
[train.deep]
sizes = []
words = ["x"]
choice = "fast"
[[signal]]
name = "a"
[[signal]]
)",
                                                 "s.toml"));
  EXPECT_TRUE(known.verbose);
  EXPECT_EQ(known.name, "AE");
  EXPECT_EQ(known.batch, 16);
  EXPECT_EQ(known.rate, 1);
  EXPECT_TRUE(known.sizes.empty());
  EXPECT_EQ(known.words, std::vector<std::string>{"x"});
  EXPECT_EQ(known.choice, "fast");
  EXPECT_EQ(known.signals, (std::vector<std::string>{"a", "zz"}));
}

TEST(Config, TextTakesDatesAsTheyAreWritten) {
  Config config = Config::from_text(
      "day = 2019-03-01\ntime = 2019-03-01T06:30:00\nutc = 2019-03-01 06:30:00Z", "s.toml");
  config.set("other=1979-12-31");
  EXPECT_EQ(config.take("day", "", "a day"), "2019-03-01");
  EXPECT_EQ(config.take("time", "", "a time"), "2019-03-01T06:30:00");
  EXPECT_EQ(config.take("utc", "", "a time of UTC"), "2019-03-01T06:30:00Z");
  EXPECT_EQ(config.take("other", "", "by --set"), "1979-12-31");
}

TEST(Config, DumpParsesBackToTheSameDefaults) {
  Config config;
  Known const defaults = take_all(config);
  std::string const dump = config.dump_default();
  EXPECT_TRUE(take_all(Config::from_text(dump, "dump")) == defaults) << dump;
  // with the commented example switched on, it is still valid and known
  std::string enabled = dump;
  for (std::string const line : {"# [[signal]]", "# name = "})
    if (auto const at = enabled.find(line); at != std::string::npos) enabled.erase(at, 2);
  EXPECT_EQ(take_all(Config::from_text(enabled, "dump")).signals, std::vector<std::string>{"zz"})
      << enabled;
}

TEST(Config, DumpShowsEveryKeyWithItsComment) {
  Config config;
  take_all(config);
  std::string const dump = config.dump_default();
  for (char const* part :
       {"# say more\nverbose = false\n", "# how to train\n# second line of the comment\n[train]\n",
        "batch = 1024\n", "rate = 1e-05\n", "whole = 3.0\n", "# unset =", "[train.deep]\n",
        "sizes = [76, 512]\n", "words = [\"a b\", \"c\"]\n", "# signals to score\n# [[signal]]\n"})
    EXPECT_NE(dump.find(part), std::string::npos) << part << "\n" << dump;
}

TEST(Config, DumpKeepsTheChoiceThatItsKeysHangOn) {
  auto const take = [](Config& config) {
    auto const kind = config.take_choice("kind", "plain", "which", {"plain", "fancy"});
    return kind == "fancy" ? config.take("frills", std::int64_t{3}, "how many") : -1;
  };
  Config config;
  config.set("kind=fancy");
  config.set("frills=5");
  EXPECT_EQ(take(config), 5);
  Config again = Config::from_text(config.dump_default(), "dump");
  EXPECT_EQ(take(again), 3);  // the default of what comes with the choice
  again.refuse_leftovers();
}

TEST(Config, ADumpWithAnotherDefaultIsNoticed) {  // the twin of DumpParsesBack
  Config config;
  Known const defaults = take_all(config);
  std::string dump = config.dump_default();
  dump.replace(dump.find("1024"), 4, "1025");
  EXPECT_FALSE(take_all(Config::from_text(dump, "dump")) == defaults);
}

TEST(Config, SetOverridesTheFile) {
  Config config = Config::from_text("[train]\nbatch = 1\n", "s.toml");
  for (char const* assignment :
       {"train.batch=2", "train.rate=0.5", "name=bare/word.h5", "train.deep.words=[\"p\", \"q\"]",
        "verbose = true", "train.deep.quoted='a = b'", "train.deep.choice=fast"})
    config.set(assignment);
  Known const known = take_all(config);
  EXPECT_EQ(known.batch, 2);
  EXPECT_EQ(known.rate, 0.5);
  EXPECT_EQ(known.name, "bare/word.h5");
  EXPECT_EQ(known.words, (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(known.quoted, "a = b");
  EXPECT_EQ(known.choice, "fast");
  EXPECT_EQ(config.verbatim().substr(0, 43), "[train]\nbatch = 1\n# --set train.batch=2\n# -");
}

TEST(Config, SetReachesIntoAnArrayOfTables) {
  Config config = Config::from_text("[[signal]]\nname = 'a'\n[[signal]]\n", "s.toml");
  config.set("signal[1].name=b");
  EXPECT_EQ(take_all(config).signals, (std::vector<std::string>{"a", "b"}));
}

TEST(Config, WhereNamesFileAndLine) {
  Config config = Config::from_text("a = 1\n\n[t]\nb = 2\n", "study.toml");
  config.set("c=3");
  EXPECT_EQ(config.where("a"), " [study.toml:1]");
  EXPECT_EQ(config.section("t").where("b"), " [study.toml:4]");
  EXPECT_EQ(config.where("c"), " [--set]");
  EXPECT_EQ(config.where("d"), "");
}

TEST(Config, TablesWithNamesOfTheUsersOwn) {
  Config config =
      Config::from_text("[chip.zeta]\nx = 1\n[chip.\"a.b\"]\nx = 2\n[chip.beta]\n", "s.toml");
  Config chips = config.section("chip");
  EXPECT_EQ(chips.section_names(),
            (std::vector<std::string>{"zeta", "a.b", "beta"}));  // file order
  EXPECT_EQ(chips.section("a.b").take("x", 0, ""), 2);
  EXPECT_TRUE(chips.has("zeta"));
  EXPECT_FALSE(chips.has("gamma"));
}

TEST(Config, ReadsAFile) {
  testing::TemporaryFolder folder;
  std::ofstream(folder / "s.toml") << "a = 1\n";
  Config config = Config::from_file(folder / "s.toml");
  EXPECT_EQ(config.take("a", 0, ""), 1);
  EXPECT_EQ(config.path(), folder / "s.toml");
  EXPECT_EQ(config.verbatim(), "a = 1\n");
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "absent",
                          [&] { Config::from_file(folder / "none.toml"); }),
            "");
  EXPECT_EQ(
      wrong_outcome(ExitCode::bad_input, "a folder", [&] { Config::from_file(folder.path()); }),
      "");
}

TEST(Config, NothingInItExecutesOrReachesOut) {
  setenv("CROSSJOULE_TEST_SECRET", "leaked", 1);
  Config config = Config::from_text(
      "name = \"$CROSSJOULE_TEST_SECRET ${CROSSJOULE_TEST_SECRET} `id` $(id)\"\n", "s.toml");
  EXPECT_EQ(config.take("name", "", ""),
            "$CROSSJOULE_TEST_SECRET ${CROSSJOULE_TEST_SECRET} `id` $(id)");
}

}  // namespace
}  // namespace crossjoule::core
