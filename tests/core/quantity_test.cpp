// SPDX-License-Identifier: BSD-3-Clause
#include "core/quantity.hpp"

#include "core/testing/expect_error.hpp"

#include <gtest/gtest.h>
#include <type_traits>

namespace crossjoule::core {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};

static_assert(Addable<Joules, Joules>);
static_assert(!Addable<Joules, Seconds>);  // the twin: a sum of joules and seconds does not compile
static_assert(std::is_same_v<decltype(Watts{} * Seconds{}), Joules>);
static_assert(std::is_same_v<decltype(Joules{} / Seconds{}), Watts>);
static_assert(std::is_same_v<decltype(Joules{} / Watts{}), Seconds>);
static_assert(std::is_same_v<decltype(Joules{} / Joules{}), double>);

TEST(Unit, ArithmeticIsThatOfNumbers) {
  EXPECT_EQ((Watts{3} * Seconds{2}).value, 6);
  EXPECT_EQ((Joules{6} / Seconds{2}).value, 3);
  Joules total{1};
  total += Joules{2};
  total -= Joules{0.5};
  EXPECT_EQ(total, Joules{2.5});
  EXPECT_LT(Joules{1}, Joules{2});
}

TEST(Quantity, SumAddsEndsAndTakesTheWorstKind) {
  Quantity<Joules> const a{Joules{1}, Joules{2}, Joules{4}, Kind::measured_counter};
  Quantity<Joules> const b{Joules{10}, Joules{20}, Joules{40}, Kind::modelled};
  auto const sum = a + b;
  EXPECT_EQ(sum.low, Joules{11});
  EXPECT_EQ(sum.value, Joules{22});
  EXPECT_EQ(sum.high, Joules{44});
  EXPECT_EQ(sum.kind, Kind::modelled);
  EXPECT_FALSE(is_measured(sum.kind));
  EXPECT_TRUE(is_measured(a.kind));
}

TEST(Quantity, AbsentIsNeverZero) {
  Quantity<Joules> const nothing;
  EXPECT_FALSE(nothing.present());
  EXPECT_FALSE((Quantity<Joules>::exactly(Joules{1}, Kind::assumed) + nothing).present());
  EXPECT_FALSE((3.0 * nothing).present());
}

TEST(Quantity, ScalesBothWays) {
  Quantity<Seconds> const a{Seconds{1}, Seconds{2}, Seconds{4}, Kind::assumed};
  EXPECT_EQ((2.0 * a).high, Seconds{8});
  EXPECT_EQ((a / 2.0).low, Seconds{0.5});
  EXPECT_EQ((a / 2.0).kind, Kind::assumed);
}

TEST(Kind, TextRoundTripsAndOtherTextIsRefused) {
  for (Kind kind : {Kind::measured_counter, Kind::measured_sampled, Kind::modelled, Kind::assumed,
                    Kind::absent})
    EXPECT_EQ(kind_from(to_string(kind)), kind);
  EXPECT_EQ(to_string(Kind::measured_counter), "measured-counter");
  EXPECT_EQ(testing::wrong_outcome(ExitCode::bad_input, "guessed", [] { kind_from("guessed"); }),
            "");
}

TEST(WrongOutcome, NoticesWhatItShould) {
  auto throws = [] { fail(ExitCode::bad_input, "one (two) three"); };
  EXPECT_EQ(testing::wrong_outcome(ExitCode::bad_input, "two", throws), "");
  EXPECT_NE(testing::wrong_outcome(ExitCode::bad_input, "four", throws), "");
  EXPECT_NE(testing::wrong_outcome(ExitCode::damaged, "two", throws), "");
  EXPECT_NE(testing::wrong_outcome(ExitCode::bad_input, "", [] {}), "");
}

}  // namespace
}  // namespace crossjoule::core
