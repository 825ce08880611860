// SPDX-License-Identifier: BSD-3-Clause
#include "core/points.hpp"

#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace crossjoule::core {
namespace {

using testing::wrong_outcome;

std::vector<Point> some_points() {
  Point measured;
  measured.platform = "CPU ± x";
  measured.mode = "one-network";
  measured.device = "cpu";
  measured.precision = "fp32";
  measured.batch = 100;
  measured.ranks = 2;
  measured.boundary = Boundary::chip;
  measured.latency = {Seconds{1e-6}, Seconds{2e-6}, Seconds{4e-6}, Kind::measured_counter};
  measured.seconds_per_sample = Quantity<Seconds>::exactly(Seconds{1e-8}, Kind::measured_sampled);
  Point analog;
  analog.platform = "hermes-64";
  analog.joules_per_sample = {Joules{1}, Joules{2}, Joules{3}, Kind::modelled};
  analog.missing_terms = "host link; DRAM";
  analog.note = "two\nlines, and a comma";
  return {measured, analog};
}

void write(std::filesystem::path const& path, std::vector<Point> const& points) {
  H5File file = H5File::create(path);
  write_points(file, points);
  file.commit();
}

template <class U>
void expect_same(Quantity<U> const& a, Quantity<U> const& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.high, b.high);
}

TEST(Points, RoundTrip) {
  testing::TemporaryFolder folder;
  auto const points = some_points();
  write(folder / "p.h5", points);
  auto const again = read_points(H5File::open(folder / "p.h5"));
  ASSERT_EQ(again.size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(again[i].platform, points[i].platform);
    EXPECT_EQ(again[i].mode, points[i].mode);
    EXPECT_EQ(again[i].batch, points[i].batch);
    EXPECT_EQ(again[i].ranks, points[i].ranks);
    EXPECT_EQ(again[i].boundary, points[i].boundary);
    EXPECT_EQ(again[i].missing_terms, points[i].missing_terms);
    EXPECT_EQ(again[i].note, points[i].note);
    expect_same(again[i].latency, points[i].latency);
    expect_same(again[i].seconds_per_sample, points[i].seconds_per_sample);
    expect_same(again[i].joules_per_sample, points[i].joules_per_sample);
    expect_same(again[i].idle_joules_per_sample, points[i].idle_joules_per_sample);
  }
}

TEST(Points, AnEmptyTableRoundTrips) {
  testing::TemporaryFolder folder;
  write(folder / "none.h5", {});
  EXPECT_EQ(read_points(H5File::open(folder / "none.h5")).size(), 0u);
}

TEST(Points, AFileWithoutThemIsRefused) {
  testing::TemporaryFolder folder;
  H5File file = H5File::create(folder / "other.h5");
  file.write("/x", std::vector<double>{1}, {"1", "a number"});
  file.commit();
  EXPECT_EQ(wrong_outcome(ExitCode::bad_input, "no /result/points",
                          [&] { read_points(H5File::open(folder / "other.h5")); }),
            "");
}

TEST(Points, ColumnsOfDifferentLengthAreRefused) {
  testing::TemporaryFolder folder;
  H5File file = H5File::create(folder / "ragged.h5");
  file.write_strings("/result/points/boundary", {"chip", "chip"}, "");
  for (char const* name :
       {"platform", "mode", "device", "precision", "missing_terms", "assumed_terms", "note"})
    file.write_strings(std::string("/result/points/") + name, {"x"}, "");
  file.commit();
  EXPECT_EQ(wrong_outcome(ExitCode::damaged, "platform has 1 rows (the table has 2)",
                          [&] { read_points(H5File::open(folder / "ragged.h5")); }),
            "");
}

TEST(Boundary, TextRoundTrips) {
  for (Boundary boundary : {Boundary::device, Boundary::chip, Boundary::system})
    EXPECT_EQ(boundary_from(to_string(boundary)), boundary);
  EXPECT_EQ(
      wrong_outcome(ExitCode::bad_input, "device, chip, system", [] { boundary_from("room"); }),
      "");
}

}  // namespace
}  // namespace crossjoule::core
