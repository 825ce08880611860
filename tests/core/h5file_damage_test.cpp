// SPDX-License-Identifier: BSD-3-Clause
// Damaged files: never wrong numbers and success. Each damage is tried in a child process, because
// what HDF5 does with bad metadata is not ours to promise.
#include "core/h5file.hpp"
#include "core/philox.hpp"
#include "core/testing/child.hpp"
#include "core/testing/expect_error.hpp"
#include "core/testing/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <sstream>

namespace crossjoule::core {
namespace {

std::string bytes_of(std::filesystem::path const& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

struct Content {
  std::vector<float> numbers = std::vector<float>(6000);
  std::vector<std::string> words = {"one", "two", "three"};
  std::string text = "a line of text\n";
  double attribute = 0.25;
  bool operator==(Content const&) const = default;
};

Content original() {
  Content content;
  for (std::size_t i = 0; i < content.numbers.size(); ++i)
    content.numbers[i] = static_cast<float>(i) * 0.5f;
  return content;
}

void write(std::filesystem::path const& path) {
  Content const content = original();
  H5File file = H5File::create(path);
  file.write<float>("/data/numbers", content.numbers, {1000, 6}, {"m", "numbers"});
  file.write_strings("/data/words", content.words, "words");
  file.write_text("/text", content.text, "text");
  file.attribute("/meta", "attribute", content.attribute);
  file.commit();
}

Content read(std::filesystem::path const& path) {
  H5File const file = H5File::open(path);
  file.check_digests();
  return {file.read<float>("/data/numbers"), file.read_strings("/data/words"),
          file.read_text("/text"), file.read_attribute_number("/meta", "attribute")};
}

enum class Fate { unchanged, refused, silent, crashed };

/// Reads the damaged bytes in a child: 0 unchanged, 42 silently wrong, 2 or 5 refused.
Fate fate_of(std::string const& bytes, std::filesystem::path const& path) {
  std::ofstream(path, std::ios::binary) << bytes;
  int const status = testing::status_of_child([&] {
    if (!(read(path) == original())) _exit(42);
  });
  if (status == 0) return Fate::unchanged;
  if (status == 42) return Fate::silent;
  bool const refused = status == static_cast<int>(ExitCode::bad_input) ||
                       status == static_cast<int>(ExitCode::damaged);
  return refused ? Fate::refused : Fate::crashed;
}

struct Tally {
  int unchanged = 0, refused = 0, silent = 0, crashed = 0;
  void add(Fate fate) {
    ++(fate == Fate::unchanged ? unchanged
       : fate == Fate::refused ? refused
       : fate == Fate::silent  ? silent
                               : crashed);
  }
};

class H5FileDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    write(folder_ / "good.h5");
    good_ = bytes_of(folder_ / "good.h5");
  }
  Fate damage(std::string const& bytes) { return fate_of(bytes, folder_ / "bad.h5"); }
  testing::TemporaryFolder folder_;
  std::string good_;
};

TEST_F(H5FileDamage, TheUndamagedFileIsUnchangedAndAnotherContentIsSilent) {
  EXPECT_EQ(damage(good_), Fate::unchanged);
  // the twin: a sound file with another number is what the checks below must not see
  H5File file = H5File::create(folder_ / "other.h5");
  Content content = original();
  content.numbers[17] += 1;
  file.write<float>("/data/numbers", content.numbers, {1000, 6}, {"m", "numbers"});
  file.write_strings("/data/words", content.words, "words");
  file.write_text("/text", content.text, "text");
  file.attribute("/meta", "attribute", content.attribute);
  file.commit();
  EXPECT_EQ(damage(bytes_of(folder_ / "other.h5")), Fate::silent);
}

TEST_F(H5FileDamage, FlippedBitsAreNoticed) {
  Random random(1, purpose("flips"), 0);
  Tally tally;
  for (int flip = 0; flip < 400; ++flip) {
    std::string bytes = good_;
    // half of the flips hit the first and last 2 KiB, where the metadata are
    std::size_t const span = flip % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 2048);
    std::size_t const place =
        flip % 4 == 0 ? bytes.size() - span + random.below(span) : random.below(span);
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << random.below(8)));
    tally.add(damage(bytes));
  }
  EXPECT_EQ(tally.silent, 0);
  EXPECT_EQ(tally.crashed, 0);
  EXPECT_GT(tally.refused, 250);  // the rest hit bytes that nothing uses
}

TEST_F(H5FileDamage, OverwrittenStretchesAreNoticed) {
  Random random(2, purpose("stretches"), 0);
  Tally tally;
  for (int trial = 0; trial < 120; ++trial) {
    std::string bytes = good_;
    std::size_t const length = trial % 3 == 0 ? 4096 : 64;
    std::size_t const first = random.below(bytes.size() - length);
    for (std::size_t i = first; i < first + length; ++i)
      bytes[i] = trial % 3 == 0 ? '\0' : static_cast<char>(random.bits());
    tally.add(damage(bytes));
  }
  EXPECT_EQ(tally.silent, 0);
  EXPECT_EQ(tally.crashed, 0);
  EXPECT_GT(tally.refused, 80);
}

TEST_F(H5FileDamage, EveryTruncationIsRefused) {
  for (std::size_t length = 0; length < good_.size(); length += 1 + good_.size() / 60)
    EXPECT_EQ(damage(good_.substr(0, length)), Fate::refused) << length;
  EXPECT_EQ(damage(good_.substr(0, good_.size() - 1)), Fate::refused);
}

TEST_F(H5FileDamage, DamageIsAnErrorOfCodeFive) {
  std::string bytes = good_;
  float const marker = 1500;  // the value of element 3000
  std::string const pattern(reinterpret_cast<char const*>(&marker), sizeof marker);
  std::size_t const place = bytes.find(pattern);
  ASSERT_NE(place, std::string::npos);
  bytes[place] = static_cast<char>(bytes[place] ^ 1);
  std::ofstream(folder_ / "bad.h5", std::ios::binary) << bytes;
  EXPECT_EQ(
      testing::wrong_outcome(ExitCode::damaged, "/data/numbers", [&] { read(folder_ / "bad.h5"); }),
      "");
  EXPECT_EQ(testing::wrong_outcome(
                ExitCode::damaged, "bad.h5",
                [&] { H5File::open(folder_ / "bad.h5").read<float>("/data/numbers"); }),
            "");
}

}  // namespace
}  // namespace crossjoule::core
