// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/source.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>

namespace crossjoule::runtime {
namespace {

namespace fs = std::filesystem;

class SourceTest : public testing::Test {
 protected:
  SourceTest() {
    auto const* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / ("crossjoule_source_" + std::string(info->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SourceTest() override { fs::remove_all(folder_); }

  /// A file of events whose number at (event, place) is `value(event, place)`.
  template <class T = float>
  fs::path events(std::string const& name, std::int64_t count,
                  std::function<double(std::int64_t, std::int64_t)> value,
                  std::vector<std::int64_t> tail = {19, 4}) {
    std::int64_t width = 1;
    for (auto extent : tail) width *= extent;
    std::vector<T> numbers;
    for (std::int64_t e = 0; e < count; ++e)
      for (std::int64_t k = 0; k < width; ++k) numbers.push_back(static_cast<T>(value(e, k)));
    tail.insert(tail.begin(), count);
    auto file = core::H5File::create(folder_ / name);
    file.write<T>("Particles", std::span<T const>(numbers), tail, {"1", "test events"});
    file.commit();
    return folder_ / name;
  }
  static double number(std::int64_t event, std::int64_t place) {
    return 100.0 * static_cast<double>(event) + static_cast<double>(place);
  }

  fs::path folder_;
};

/// The message of the Error that `act` throws, after checking its code.
using core::testing::refusal;
#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(SourceTest, ReadsEventsAs76Or57Features) {
  SourceOptions options{{events("a.h5", 5, number)}};
  Source const whole(options);
  EXPECT_EQ(whole.rows(), 5);
  EXPECT_EQ(whole.features(), 76);
  auto const all = whole.load<double>();
  for (std::int64_t e = 0; e < 5; ++e)
    for (std::int64_t k = 0; k < 76; ++k)
      EXPECT_EQ(all.values[static_cast<std::size_t>(e * 76 + k)], number(e, k));

  options.layout = "events-57";
  Source const narrow(options);
  EXPECT_EQ(narrow.features(), 57);
  EXPECT_EQ(narrow.feature_names()[0], "MET pT");
  EXPECT_EQ(narrow.feature_names()[3 * 6 + 1], "muon 2 eta");
  EXPECT_EQ(narrow.feature_names()[56], "jet 10 phi");
  auto const part = narrow.load<float>();
  for (std::int64_t e = 0; e < 5; ++e)
    for (std::int64_t o = 0; o < 19; ++o)
      for (std::int64_t k = 0; k < 3; ++k)
        EXPECT_EQ(part.values[static_cast<std::size_t>(e * 57 + o * 3 + k)],
                  float(number(e, o * 4 + k)));
}

TEST_F(SourceTest, JoinsFilesAndSplitsAsPlainIndexingDoes) {
  auto const value = [](std::int64_t shift) {
    return [shift](std::int64_t e, std::int64_t) { return double(e + shift); };
  };
  SourceOptions options{{events("a.h5", 7, value(0)), events<double>("b.h5", 1, value(7)),
                         events("c.h5", 13, value(8))}};
  struct Case {
    std::int64_t modulo;
    std::vector<std::int64_t> remainders;
    std::int64_t first, count;
  };
  for (auto const& c :
       {Case{1, {}, 0, 100}, Case{5, {4}, 0, 100}, Case{5, {0, 1, 2, 3}, 0, 100},
        Case{10, {9, 3}, 1, 2}, Case{1, {}, 6, 3}, Case{1, {}, 20, 100}, Case{30, {20}, 0, 100}})
    for (char const* layout : {"events-76", "events-57"}) {
      std::vector<std::int64_t> wanted;
      for (std::int64_t i = 0; i < 21; ++i)
        if (c.remainders.empty() ||
            std::count(c.remainders.begin(), c.remainders.end(), i % c.modulo))
          wanted.push_back(i);
      wanted.erase(wanted.begin(), wanted.begin() + c.first);
      if (static_cast<std::int64_t>(wanted.size()) > c.count)
        wanted.resize(static_cast<std::size_t>(c.count));

      options.layout = layout;
      options.split = {c.modulo, c.remainders, c.first, c.count};
      Source const source(options);
      ASSERT_EQ(source.rows(), static_cast<std::int64_t>(wanted.size()));
      auto const all = source.load<float>();
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(all.row_span(static_cast<std::int64_t>(i), 1)[0], float(wanted[i]));
        std::vector<float> row(static_cast<std::size_t>(source.features()));  // any rank, any row
        source.read<float>(static_cast<std::int64_t>(i), 1, row);
        EXPECT_EQ(row[0], float(wanted[i]));
      }
    }
}

/// A plausible event: MET, one electron, two muons, three jets; `turn` is added to every phi, the
/// signs mirror eta and phi.
std::vector<double> sample_event(double turn, double eta_sign, double phi_sign) {
  std::vector<double> event(76, 0.0);
  auto const set = [&](int object, double pt, double eta, double phi, int kind) {
    phi = std::remainder(phi_sign * phi + turn, 2 * std::acos(-1));
    std::copy_n(std::array{pt, eta_sign * eta, phi, double(kind)}.begin(), 4,
                event.begin() + 4 * object);
  };
  set(0, 33, 0, 2.5, 1);
  set(1, 20, 1.1, -0.4, 2);
  set(5, 45, -0.7, 0.3, 3);
  set(6, 12, 1.9, 3.0, 3);
  for (int jet = 0; jet < 3; ++jet) set(9 + jet, 90 - 20 * jet, 0.5 * jet - 2, 1.7 * jet - 3, 4);
  return event;
}

TEST_F(SourceTest, OrientedEventsForgetTurnsAndMirrors) {
  auto const features = [&](std::string const& name, std::vector<double> const& event) {
    auto const path = events<double>(
        name, 1, [&](auto, std::int64_t k) { return event[static_cast<std::size_t>(k)]; });
    return Source({{path}, "Particles", "events-76-oriented", {}}).load<double>().values;
  };
  auto const wanted = features("plain.h5", sample_event(0, 1, 1));
  // muon 1 leads the leptons: it defines phi 0 and eta >= 0; the missing energy lies at phi >= 0
  EXPECT_DOUBLE_EQ(wanted[4 * 5], std::log1p(45.0));
  EXPECT_DOUBLE_EQ(wanted[4 * 5 + 1], 0.7);
  EXPECT_DOUBLE_EQ(wanted[4 * 5 + 2], 0);
  EXPECT_NEAR(wanted[2], 2.2, 1e-12);
  EXPECT_NEAR(wanted[4 + 2], -0.7, 1e-12);
  EXPECT_DOUBLE_EQ(wanted[4 + 1], -1.1);
  for (int k = 0; k < 4; ++k) EXPECT_EQ(wanted[static_cast<std::size_t>(4 * 8 + k)], 0);  // padding

  int file = 0;
  for (double turn : {0.0, 0.8, -2.9, 3.1})
    for (double eta_sign : {1.0, -1.0})
      for (double phi_sign : {1.0, -1.0}) {
        auto const found = features("turned" + std::to_string(file++) + ".h5",
                                    sample_event(turn, eta_sign, phi_sign));
        for (std::size_t k = 0; k < 76; ++k) EXPECT_NEAR(found[k], wanted[k], 1e-12) << k;
      }
  auto changed = sample_event(0.8, 1, 1);
  changed[4 * 6 + 2] += 0.1;  // and a real difference is kept
  EXPECT_GT(std::abs(features("changed.h5", changed)[4 * 6 + 2] - wanted[4 * 6 + 2]), 0.05);
}

TEST_F(SourceTest, ReadsPlainRows) {
  SourceOptions options{{events("x.h5", 4, number, {6})}};
  options.layout = "rows";
  Source const source(options);
  EXPECT_EQ(source.features(), 6);
  EXPECT_EQ(source.feature_names()[5], "feature 5");
  EXPECT_EQ(source.load<float>().row_span(3, 1)[2], float(number(3, 2)));
}

TEST_F(SourceTest, RefusesWhatIsNoSource) {
  auto const open = [](fs::path const& path, std::string const& dataset = "Particles",
                       std::string const& layout = "events-76") {
    return [=] { Source(SourceOptions{{path}, dataset, layout, {}}); };
  };
  EXPECT_HAS(refusal(open(folder_ / "none.h5")), "none.h5");
  std::ofstream(folder_ / "text.h5") << "these are words, not HDF5, but enough of them to look at";
  EXPECT_HAS(refusal(open(folder_ / "text.h5")), "text.h5");

  auto const good = events("good.h5", 3, number);
  auto const missing = refusal(open(good, "Events"));
  EXPECT_HAS(missing, "good.h5: no dataset Events");
  EXPECT_HAS(missing, "Particles");  // what is there
  EXPECT_HAS(refusal(open(good, "Particles", "rows")), "(3, 19, 4)");
  EXPECT_HAS(refusal(open(events("wide.h5", 3, number, {19, 3}))), "(3, 19, 3)");
  EXPECT_HAS(refusal(open(events<std::int32_t>("whole.h5", 3, number))), "floating");
  EXPECT_HAS(refusal(open(events("empty.h5", 0, number))), "zero events");
  EXPECT_HAS(refusal([&] { Source(SourceOptions{}); }), "no input file");

  SourceOptions options{{good}};
  options.split = {5, {5}, 0, 10};
  EXPECT_HAS(refusal([&] { Source{options}; }), "remainders = [5]");
  options.split = {2, {1, 1}, 0, 10};
  EXPECT_HAS(refusal([&] { Source{options}; }), "remainders = [1, 1]");
  options.split = {1, {}, 3, 10};
  EXPECT_HAS(refusal([&] { Source{options}; }), "no row is left");
  options = {{good, events("rows.h5", 3, number, {5})}, "Particles", "rows", {}};
  EXPECT_HAS(refusal([&] { Source{options}; }), "(3, 19, 4)");
}

TEST_F(SourceTest, NamesTheEventAndFeatureOfANonFiniteNumber) {
  for (double bad : {std::nan(""), double(INFINITY)})
    for (char const* layout : {"events-76", "events-57"}) {
      fs::remove(folder_ / "bad.h5");
      auto const first = events("first.h5", 2, number);
      auto const path = events("bad.h5", 40, [&](std::int64_t e, std::int64_t k) {
        return e == 17 && k == 4 * 6 + 1 ? bad : 1.0;
      });
      SourceOptions options{{first, path}};
      options.layout = layout;
      auto const message = refusal([&] { Source(options).load<float>(); });
      EXPECT_HAS(message, "bad.h5: Particles holds");
      EXPECT_HAS(message, "event 17, muon 2 eta");
      fs::remove(folder_ / "first.h5");
    }
}

}  // namespace
}  // namespace crossjoule::runtime
