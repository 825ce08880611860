// SPDX-License-Identifier: BSD-3-Clause
#include "core/digest.hpp"

#include <gtest/gtest.h>
#include <set>

namespace crossjoule::core {
namespace {

/// XXH3_128bits of the empty string, as `xxhsum -H128` prints it.
TEST(Digest, EmptyTextHasTheKnownDigest) {
  EXPECT_EQ(digest(""), "99aa06d3014798d86001c324468d497f");
}

TEST(Digest, PiecesDoNotMatter) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>('a' + i * i % 26);
  for (std::size_t piece : {1u, 7u, 240u, 241u, 1024u}) {
    Digester digester;
    for (std::size_t first = 0; first < text.size(); first += piece)
      digester.add(
          std::as_bytes(std::span(text).subspan(first, std::min(piece, text.size() - first))));
    EXPECT_EQ(digester.hex(), digest(text)) << piece;
  }
}

TEST(Digest, EveryBitCounts) {
  std::string text(257, 'x');
  std::set<std::string> seen = {digest(text)};
  for (char& c : text)
    for (int bit = 0; bit < 8; ++bit) {
      c ^= static_cast<char>(1 << bit);
      seen.insert(digest(text));
      c ^= static_cast<char>(1 << bit);
    }
  EXPECT_EQ(seen.size(), 1u + 257 * 8);
}

}  // namespace
}  // namespace crossjoule::core
