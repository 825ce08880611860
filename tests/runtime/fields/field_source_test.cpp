// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/field_source.hpp"

#include "core/error.hpp"
#include "core/npy.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

namespace crossjoule::runtime {
namespace {

using core::ExitCode;
using testing::files_of;
using testing::Made;
using testing::place_value;
using testing::refused;
using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

class FieldSourceTest : public ::testing::Test {
 protected:
  FieldOptions options_of(std::vector<Made> const& files) {
    FieldOptions options;
    int number = 0;
    for (auto const& made : files)
      options.input.files.push_back(
          write_fields(folder_ / (fmt::format("f{}.h5", number++)), made));
    return options;
  }
  TemporaryFolder folder_;
};

/// All starts, by trying every step: start and targets in one file and in the range.
std::vector<std::int64_t> starts_by_trial(std::vector<std::int64_t> const& lengths,
                                          FieldOptions const& options) {
  std::vector<std::int64_t> starts;
  std::int64_t first = 0;
  for (auto length : lengths) {
    std::int64_t begun = -1;
    for (std::int64_t s = first; s < first + length; ++s) {
      bool fits = true;
      for (std::int64_t k = 0; k <= options.targets; ++k) {
        std::int64_t const step = s + k * options.lead;
        bool const counts = k > 0 || options.within == Within::states;
        bool const inside =
            step >= options.range.first && step - options.range.first < options.range.count;
        fits = fits && step < first + length && (!counts || inside);
      }
      if (!fits) continue;
      if (begun < 0) begun = s;
      if ((s - begun) % options.stride == 0) starts.push_back(s);
    }
    first += length;
  }
  return starts;
}

TEST_F(FieldSourceTest, SamplesNeverLeaveAFile) {
  std::vector<std::int64_t> const lengths = {7, 1, 12};
  std::vector<Made> files;
  for (auto length : lengths) files.push_back({.steps = length});
  auto options = options_of(files);
  auto const shared = std::make_shared<FieldFiles const>(options.input);
  int cases = 0;
  for (std::int64_t lead : {1, 2, 5})
    for (std::int64_t targets : {0, 1, 2})
      for (std::int64_t stride : {1, 3})
        for (Within within : {Within::states, Within::targets})
          for (TimeRange const& range :
               {TimeRange{}, TimeRange{{}, {}, 3, 12}, TimeRange{{}, {}, 9, 5}}) {
            options.lead = lead;
            options.targets = targets;
            options.stride = stride;
            options.within = within;
            options.range = range;
            if (targets == 0 && within == Within::targets) continue;
            auto const wanted = starts_by_trial(lengths, options);
            if (wanted.empty()) {
              EXPECT_EQ(refused(ExitCode::bad_input, {"no sample"},
                                [&] { FieldSource(shared, options); }),
                        "");
              continue;
            }
            FieldSource const source(shared, options);
            std::vector<std::int64_t> found;
            for (std::int64_t i = 0; i < source.samples(); ++i) found.push_back(source.step_of(i));
            EXPECT_EQ(found, wanted) << lead << targets << stride << range.first;
            EXPECT_EQ(source.step_of(0, targets), wanted[0] + lead * targets);
            ++cases;
          }
  EXPECT_GT(cases, 40);
}

TEST_F(FieldSourceTest, ReadsChosenChannelsNormalisedOnTheNetworksGrid) {
  Made made{.steps = 6, .channels = 3, .rows = 5, .columns = 7, .names = {"u", "v", "t"}};
  auto options = options_of({made});
  options.channels_in = {"t", "u"};
  options.channels_out = {"v"};
  options.lead = 2;
  options.patch = 4;
  for (Fit fit : {Fit::crop, Fit::pad}) {
    options.fit = fit;
    FieldSource source(options);
    source.normalise_with({{"v", "t", "u"}, {10, 20, 30}, {2, 0, 5}, "somewhere"});
    auto const& f = source.fit();
    EXPECT_EQ(source.rows(), fit == Fit::crop ? 4 : 8);
    EXPECT_EQ(source.columns(), fit == Fit::crop ? 4 : 8);
    EXPECT_EQ(source.scaling(Channels::in).scale, (std::vector<double>{1, 5}));  // t is constant
    auto const value = [&](std::int64_t t, std::int64_t c, double mean, double scale,
                           std::int64_t r, std::int64_t k) {
      auto const row = std::clamp<std::int64_t>(r - f.pad_top, 0, f.kept_rows - 1);
      auto const column = (k - f.pad_left + 7 * f.kept_columns) % f.kept_columns;
      return static_cast<float>((place_value(t, c, row, column) - mean) / scale);
    };
    std::vector<float> in(static_cast<std::size_t>(source.state_size(Channels::in)));
    std::vector<float> out(static_cast<std::size_t>(source.state_size(Channels::out)));
    source.read(1, 0, Channels::in, in);
    source.read(1, 1, Channels::out, out);
    std::size_t i = 0;
    for (std::int64_t r = 0; r < source.rows(); ++r)
      for (std::int64_t k = 0; k < source.columns(); ++k, ++i) {
        EXPECT_NEAR(in[i], value(1, 2, 20, 1, r, k), 1e-4);
        EXPECT_NEAR(in[i + in.size() / 2], value(1, 0, 30, 5, r, k), 1e-4);
        EXPECT_NEAR(out[i], value(3, 1, 10, 2, r, k), 1e-4);
      }
    // any band of rows has the same numbers
    for (core::Share const rows : {core::Share{0, 1}, {1, 4}, {3, source.rows()}}) {
      auto const band = static_cast<std::size_t>(rows.count() * source.columns());
      std::vector<float> part(2 * band);
      source.read_rows(1, 0, Channels::in, rows, part);
      for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t p = 0; p < band; ++p)
          EXPECT_EQ(
              part[c * band + p],
              in[c * in.size() / 2 + static_cast<std::size_t>(rows.first * source.columns()) + p]);
    }
    // and back: units of the file, pads gone
    std::vector<float> back(static_cast<std::size_t>(source.kept_size(Channels::in)));
    std::vector<float> physical(back.size());
    source.to_physical(Channels::in, in, back);
    source.read_physical(1, 0, Channels::in, physical);
    for (std::size_t p = 0; p < back.size(); ++p) EXPECT_NEAR(back[p], physical[p], 1e-3);
    EXPECT_EQ(physical[1], static_cast<float>(place_value(1, 2, 0, 1)));
  }
  options.fit = Fit::exact;
  EXPECT_EQ(refused(ExitCode::bad_input, {"5 x 7", "patch of 4", "data.crop"},
                    [&] { FieldSource{options}; }),
            "");
}

TEST_F(FieldSourceTest, TellsTimes) {
  auto options = options_of({{.steps = 5, .times_s = stamps("2020-02-28T18", 5)}});
  options.lead = 2;
  FieldSource const source(options);
  EXPECT_EQ(source.samples(), 3);
  EXPECT_EQ(time_text(source.time_of(1, 1)), "2020-02-29T12:00Z");
  EXPECT_EQ(source.lead_seconds(), 43'200);
  EXPECT_NE(source.describe().find("3 samples of 1 x 12 h, 2 -> 2 channels"), std::string::npos)
      << source.describe();
}

TEST_F(FieldSourceTest, TakesFourCastNetsStatistics) {
  auto options = options_of({{}});
  options.statistics = folder_.path();
  std::vector<float> const means = {1, 2}, deviations = {4, 8};
  for (auto const& shape : {std::vector<std::int64_t>{2}, {1, 2, 1, 1}, {2, 1, 1}}) {
    core::write_npy<float>(folder_ / "global_means.npy", means, shape, core::Overwrite::yes);
    core::write_npy<float>(folder_ / "global_stds.npy", deviations, shape, core::Overwrite::yes);
    FieldSource const source(options);
    EXPECT_EQ(source.scaling(Channels::out).mean, (std::vector<double>{1, 2}));
    EXPECT_EQ(source.scaling(Channels::out).scale, (std::vector<double>{4, 8}));
  }
  auto const refuse = [&](std::vector<double> const& m, std::vector<double> const& d,
                          std::vector<std::int64_t> const& shape,
                          std::vector<std::string> const& parts) {
    std::vector<std::int64_t> length = {static_cast<std::int64_t>(d.size())};
    core::write_npy<double>(folder_ / "global_means.npy", m, shape, core::Overwrite::yes);
    core::write_npy<double>(folder_ / "global_stds.npy", d, length, core::Overwrite::yes);
    return refused(ExitCode::bad_input, parts, [&] { FieldSource{options}; });
  };
  EXPECT_EQ(refuse({1, 2, 3}, {1, 2, 3}, {3}, {"global_means.npy", "3 channels", "u, v"}), "");
  EXPECT_EQ(refuse({1, 2}, {1}, {2}, {"2 means and 1 standard deviations"}), "");
  EXPECT_EQ(refuse({1, 2, 3, 4}, {1, 2}, {2, 2}, {"shape (2, 2)"}), "");
  EXPECT_EQ(refuse({1, NAN}, {1, 2}, {2}, {"nan", "channel 1"}), "");
  EXPECT_EQ(refuse({1, 2}, {-1, 2}, {2}, {"-1"}), "");
  std::filesystem::resize_file(folder_ / "global_stds.npy", 130);
  EXPECT_EQ(refused(ExitCode::damaged, {"global_stds.npy"}, [&] { FieldSource{options}; }), "");
  std::filesystem::remove(folder_ / "global_stds.npy");
  EXPECT_EQ(refused(ExitCode::bad_input, {"global_stds.npy", "crossjoule statistics"},
                    [&] { FieldSource{options}; }),
            "");
  FieldSource source(options_of({{}}));
  EXPECT_EQ(refused(ExitCode::bad_input, {"somewhere", "channel v", "u, w"},
                    [&] {
                      source.normalise_with({{"u", "w"}, {0, 0}, {1, 1}, "somewhere"});
                    }),
            "");
}

TEST_F(FieldSourceTest, WarnsOnceOfConstantChannels) {
  FieldSource source(options_of({{}}));
  ::testing::internal::CaptureStderr();
  source.normalise_with({{}, {0, 0}, {0, 0}, "somewhere"});
  auto const text = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("2 of 2 channels are constant and get scale 1: u, v"), std::string::npos)
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(FieldOptions, AreKeysOfATable) {
  auto config = core::Config::from_text(R"(
files = ["a", "b.h5"]
years = [2016]
from = 2019-03-01
until = "2019-03-25T00"
channels_in = ["u"]
lead = 6
within = "targets"
pole_row = "keep"
pad = true
gaps = "split"
join = "contiguous"
names.time = "t"
)",
                                        "x.toml");
  auto const options = read_field_options(config);
  config.refuse_leftovers();
  EXPECT_EQ(options.input.files.size(), 2U);
  EXPECT_EQ(options.input.years, std::vector<std::int64_t>{2016});
  EXPECT_EQ(options.range.from, 1551398400);
  EXPECT_EQ(options.range.until, 1551398400 + 24 * 86400);
  EXPECT_EQ(options.lead, 6);
  EXPECT_EQ(options.within, Within::targets);
  EXPECT_EQ(options.pole_row, PoleRow::keep);
  EXPECT_EQ(options.fit, Fit::pad);
  EXPECT_EQ(options.input.time, "t");
  EXPECT_EQ(options.input.gaps, FieldFilesOptions::Gaps::split);
  EXPECT_EQ(options.input.join, FieldFilesOptions::Join::contiguous);
  auto const refuse = [](std::string const& text, std::vector<std::string> const& parts) {
    return refused(ExitCode::bad_input, parts,
                   [&] { read_field_options(core::Config::from_text(text, "x.toml")); });
  };
  EXPECT_EQ(refuse("crop = true\npad = true", {"crop and pad", "x.toml:2"}), "");
  EXPECT_EQ(refuse("from = \"soon\"", {"soon", "x.toml:1"}), "");
  EXPECT_EQ(refuse("from = \"2019-01-02\"\nuntil = \"2019-01-01\"", {"nothing", "x.toml:2"}), "");
  EXPECT_EQ(refuse("lead = 0", {"lead", "x.toml:1"}), "");
  EXPECT_EQ(refuse("gaps = \"fill\"", {"fill", "split"}), "");
}

}  // namespace
}  // namespace crossjoule::runtime
