// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/forecast/field_rows.hpp"

#include "core/error.hpp"
#include "tests/runtime/fields/support.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <numbers>

namespace crossjoule::runtime {
namespace {

using testing::stamps;
using testing::TemporaryFolder;
using testing::write_fields;

constexpr std::int64_t steps = 9, rows = 3, columns = 5;

class FieldRowsOf : public ::testing::Test {
 protected:
  FieldRowsOf() {
    write_fields(folder_ / "2001.h5", {.steps = steps,
                                       .rows = rows,
                                       .columns = columns,
                                       .times_s = stamps("2001-01-01", steps),
                                       .lat = {10, 0, -10},
                                       .lon = {0, 72, 144, 216, 288},
                                       .value = testing::noise});
    auto file = core::H5File::create(folder_ / "still.h5");
    std::vector<float> values(rows * columns);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * i);
    file.write<float>("orog", values, {rows, columns}, {"m", "made up"});
    file.commit();
  }
  FieldOptions options(std::int64_t targets) const {
    FieldOptions o;
    o.input.files = {folder_.path() / "2001.h5"};
    o.channels_in = {"u", "v"};
    o.channels_out = {"u"};
    o.targets = targets;
    return o;
  }
  std::shared_ptr<FieldSource const> source(FieldOptions const& o) const {
    auto made = std::make_shared<FieldSource>(o);
    made->normalise_with({{"u", "v"}, {0.25, -0.5}, {2, 4}, "test"});
    return made;
  }
  TemporaryFolder folder_;
};

TEST_F(FieldRowsOf, HoldStartPlanesAndTargets) {
  PreparationOptions const preparation{.constants = {(folder_ / "still.h5").string() + ":orog"},
                                       .clocks = {"day"}};
  auto const fields = source(options(2));
  auto const prepared = std::make_shared<Preparation const>(*fields, preparation);
  EXPECT_EQ(prepared->extra_names(), (std::vector<std::string>{"orog", "day sine", "day cosine"}));
  FieldRows<double> data(fields, prepared, 2);
  constexpr std::int64_t plane = rows * columns;
  // the start, what is known at the second step, two targets
  ASSERT_EQ(data.features(), ((2 + 3) + (1 + 3) + 2) * plane);
  ASSERT_EQ(data.rows(), steps - 2);
  std::vector<double> row(static_cast<std::size_t>(data.features()));
  data.read(3, row);
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < columns; ++k) {
      auto const p = static_cast<std::size_t>(r * columns + k);
      auto const at = [&](std::size_t part) { return row[part * plane + p]; };
      EXPECT_NEAR(at(0), (testing::noise(3, 0, r, k) - 0.25) / 2, 1e-6);
      EXPECT_NEAR(at(1), (testing::noise(3, 1, r, k) + 0.5) / 4, 1e-6);
      // step 3 of six hours is 18:00 at longitude 0
      double const angle = 2 * std::numbers::pi * (0.75 + static_cast<double>(72 * k) / 360);
      EXPECT_NEAR(at(3), std::sin(angle), 1e-6);
      EXPECT_NEAR(at(4), std::cos(angle), 1e-6);
      EXPECT_NEAR(at(5), (testing::noise(4, 1, r, k) + 0.5) / 4, 1e-6);
      EXPECT_EQ(at(6), at(2));                                           // the ground
      EXPECT_NEAR(at(7), std::sin(angle + std::numbers::pi / 2), 1e-6);  // six hours later
      EXPECT_NEAR(at(8), std::cos(angle + std::numbers::pi / 2), 1e-6);
      EXPECT_NEAR(at(9), (testing::noise(4, 0, r, k) - 0.25) / 2, 1e-6);
      EXPECT_NEAR(at(10), (testing::noise(5, 0, r, k) - 0.25) / 2, 1e-6);
    }
  double mean = 0, squares = 0;
  for (std::size_t p = 0; p < plane; ++p)
    mean += row[2 * plane + p], squares += row[2 * plane + p] * row[2 * plane + p];
  EXPECT_NEAR(mean / plane, 0, 1e-6);
  EXPECT_NEAR(squares / plane, 1, 1e-6);
}

class FieldRowsOverSteps : public FieldRowsOf, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(OneToThree, FieldRowsOverSteps, ::testing::Range(1, 4));

TEST_P(FieldRowsOverSteps, AreTheSameInAnyOrderAndReadAhead) {
  auto const fields = source(options(GetParam()));
  auto const prepared = std::make_shared<Preparation const>(*fields, PreparationOptions{});
  FieldRows<float> ahead(fields, prepared, 3), direct(fields, prepared, 1);
  std::vector<std::int64_t> const order{5, 0, 4, 4, 2, 3, 1};
  ahead.expect(order);
  std::vector<float> a(static_cast<std::size_t>(ahead.features())), b(a.size());
  for (std::int64_t const row : order) {
    ahead.read(row, a);
    direct.read(row, b);
    EXPECT_EQ(a, b) << row;
  }
  ahead.read(5, a);  // not announced
  direct.read(5, b);
  EXPECT_EQ(a, b);
}

TEST_F(FieldRowsOf, PadsAreMadeForPlanesToo) {
  auto o = options(1);
  o.patch = 4;
  o.fit = Fit::pad;
  auto const fields = source(o);
  EXPECT_EQ(fields->rows(), 4);
  EXPECT_EQ(fields->columns(), 8);
  Preparation const prepared(
      *fields, {.constants = {(folder_ / "still.h5").string() + ":orog"}, .clocks = {"year"}});
  std::vector<float> extras(static_cast<std::size_t>(prepared.extra_size()));
  prepared.extras(fields->time_of(0), extras);
  for (float value : extras) EXPECT_TRUE(std::isfinite(value));
  EXPECT_NEAR(extras[4 * 8], 0, 1e-6);      // sine on the first of January
  EXPECT_NEAR(extras[2 * 4 * 8], 1, 1e-6);  // cosine
}

TEST_F(FieldRowsOf, RefuseWhatIsNotThere) {
  auto const fields = source(options(1));
  EXPECT_THROW(Preparation(*fields, {.constants = {"orog"}}), core::Error);
  EXPECT_THROW(Preparation(*fields, {.constants = {(folder_ / "still.h5").string() + ":none"}}),
               core::Error);
  auto other = FieldContract::of(*fields, {});
  EXPECT_NO_THROW(other.check(*fields));
  other.rows = 4;
  EXPECT_THROW(other.check(*fields), core::Error);
  other = FieldContract::of(*fields, {});
  other.channels_out = {"v"};
  EXPECT_THROW(other.check(*fields), core::Error);
}

TEST_F(FieldRowsOf, TheContractComesBackFromARecord) {
  auto const fields = source(options(1));
  PreparationOptions const preparation{.constants = {"a.h5:b"}, .clocks = {"day", "year"}};
  auto const contract = FieldContract::of(*fields, preparation);
  {
    auto file = core::H5File::create(folder_ / "record.h5");
    contract.write(file);
    file.commit();
  }
  auto const read = FieldContract::read(core::H5File::open(folder_ / "record.h5"));
  EXPECT_EQ(read.channels_in, contract.channels_in);
  EXPECT_EQ(read.scaling_out.scale, contract.scaling_out.scale);
  EXPECT_EQ(read.lead_seconds, 6 * 3600);
  EXPECT_EQ(read.preparation.constants, preparation.constants);
  EXPECT_EQ(read.preparation.clocks, preparation.clocks);
  EXPECT_EQ(read.lon_degrees, contract.lon_degrees);
  EXPECT_NO_THROW(read.check(*fields));
}

}  // namespace
}  // namespace crossjoule::runtime
