// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace crossjoule::core::detail {
namespace {

/// Levenshtein's distance, a swap of neighbours counted as 1.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    before_last = last;
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::vector<std::string> const& candidates) {
  constexpr std::size_t longest_word = 100;  // no name is longer; keeps a hostile key cheap
  if (word.size() > longest_word) return "";
  std::string best;
  std::size_t smallest = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (std::string const& candidate : candidates) {
    if (candidate.size() > longest_word) continue;
    std::size_t const distance = edit_distance(word, candidate);
    bool const shares_a_letter = distance < std::max(word.size(), candidate.size());
    if (distance < smallest && shares_a_letter) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace crossjoule::core::detail
