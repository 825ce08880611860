// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_inputs.hpp"

#include <gtest/gtest.h>

namespace crossjoule::drivers {
namespace {

TEST(CasesOf, CoverAllOnceInRankOrderAndRankZeroHasTheFirst) {
  for (int size = 1; size <= 9; ++size)
    for (std::int64_t cases = 1; cases <= 20; ++cases) {
      std::int64_t next = 0;
      for (int rank = 0; rank < size; ++rank) {
        auto const mine = cases_of(cases, rank, size);
        EXPECT_EQ(mine.first, next);
        EXPECT_GE(mine.count(), cases / size);
        EXPECT_LE(mine.count(), (cases + size - 1) / size);
        next = mine.last;
      }
      EXPECT_EQ(next, cases);
      EXPECT_GE(cases_of(cases, 0, size).count(), 1);
    }
}

}  // namespace
}  // namespace crossjoule::drivers
