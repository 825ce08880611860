// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/standardisation.hpp"

#include "core/error.hpp"
#include "core/testing/refusal.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>
#include <functional>

namespace crossjoule::runtime {
namespace {

namespace fs = std::filesystem;

using core::testing::refusal;
#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

Matrix<float> matrix(std::int64_t rows, std::int64_t features,
                     std::function<double(std::int64_t, std::int64_t)> value) {
  Matrix<float> samples{rows, features, {}};
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t f = 0; f < features; ++f)
      samples.values.push_back(static_cast<float>(value(r, f)));
  return samples;
}

TEST(Standardisation, GivesMeanZeroAndUnitSpread) {
  auto samples = matrix(5000, 3, [](std::int64_t r, std::int64_t f) {
    return f == 1 ? 7.25 : 1e4 * double(f) + double((r * 7919) % 5003) / 5003;
  });
  testing::internal::CaptureStderr();
  auto const learned = learn_standardisation<float>(samples, {"a", "b", "c"}, core::Comm::serial());
  auto const warning = testing::internal::GetCapturedStderr();
  EXPECT_HAS(warning, "1 of 3 features are constant");
  EXPECT_HAS(warning, "b");
  EXPECT_EQ(learned.scale[1], 1);
  EXPECT_EQ(learned.mean[1], 7.25);
  EXPECT_NEAR(learned.scale[0], 1 / std::sqrt(12.0), 1e-3);
  learned.apply(samples);
  for (std::size_t f : {0u, 2u}) {
    double sum = 0, squares = 0;
    for (std::size_t r = 0; r < 5000; ++r)
      sum += samples.values[3 * r + f], squares += std::pow(samples.values[3 * r + f], 2);
    EXPECT_NEAR(sum / 5000, 0, f ? 1e-3 : 1e-6);
    EXPECT_NEAR(squares / 5000, 1, 1e-2);
  }
  EXPECT_EQ(samples.values[1], 0);
}

TEST(Standardisation, RefusesConstantsAndWrongWidths) {
  auto constant = matrix(10, 2, [](std::int64_t, std::int64_t f) { return double(f); });
  EXPECT_HAS(refusal([&] {
               learn_standardisation<float>(constant, {"a", "b"}, core::Comm::serial());
             }),
             "all 2 features");
  Standardisation const narrow{{0}, {1}};
  EXPECT_HAS(refusal([&] { narrow.apply(constant); }), "2 features per row");
}

TEST(Standardisation, ComesBackFromAFile) {
  auto const folder = fs::temp_directory_path() / "crossjoule_standardisation";
  fs::remove_all(folder);
  fs::create_directories(folder);
  auto const write = [&](char const* name, Standardisation const& standardisation) {
    auto file = core::H5File::create(folder / name);
    standardisation.write(file);
    file.commit();
    return folder / name;
  };
  Standardisation const written{{1.5, -2}, {0.25, 1}};
  auto const read = Standardisation::read(core::H5File::open(write("net.h5", written)));
  EXPECT_EQ(read.mean, written.mean);
  EXPECT_EQ(read.scale, written.scale);

  auto const broken = write("broken.h5", {{1}, {0}});
  EXPECT_HAS(
      refusal([&] { Standardisation::read(core::H5File::open(broken)); }, core::ExitCode::damaged),
      "broken.h5");
  auto other = core::H5File::create(folder / "other.h5");
  other.write("/numbers", std::vector<double>{1}, {"1", "something else"});
  other.commit();
  EXPECT_HAS(refusal([&] { Standardisation::read(core::H5File::open(folder / "other.h5")); }),
             "no /standardisation");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace crossjoule::runtime
