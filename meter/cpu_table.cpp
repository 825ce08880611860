// SPDX-License-Identifier: BSD-3-Clause
#include "meter/cpu_table.hpp"

#include <array>
#include <cctype>

namespace crossjoule::meter {
namespace {

constexpr std::array<CpuRating, 24> ratings = {{
    {"EPYC 7302", 155, 32},     {"EPYC 7543", 225, 64},          {"EPYC 7742", 225, 128},
    {"EPYC 7763", 280, 128},    {"EPYC 8024P", 90, 16},          {"EPYC 9354", 280, 64},
    {"EPYC 9554", 360, 128},    {"EPYC 9654", 360, 192},         {"Ryzen 9 5950X", 105, 32},
    {"Ryzen 9 7950X", 170, 32}, {"Threadripper 1950X", 180, 32}, {"E5-2620 v3", 85, 12},
    {"E5-2680 v4", 120, 28},    {"Gold 6148", 150, 40},          {"Gold 6230", 125, 40},
    {"Gold 6248", 150, 40},     {"Gold 6330", 205, 56},          {"Platinum 8168", 205, 48},
    {"Platinum 8260", 165, 48}, {"Platinum 8280", 205, 56},      {"Platinum 8360Y", 250, 72},
    {"Platinum 8380", 270, 80}, {"Platinum 8480+", 350, 112},    {"Platinum 8592+", 350, 128},
}};

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '+'; }

/// "Gold 6330" stands in "Xeon(R) Gold 6330 CPU" but not in "Gold 6330N": another part.
bool stands_in(std::string_view model, std::string_view text) {
  for (auto at = text.find(model); at != std::string_view::npos; at = text.find(model, at + 1)) {
    auto const end = at + model.size();
    bool const starts_word = at == 0 || !is_word_part(text[at - 1]);
    bool const ends_word = end == text.size() || !is_word_part(text[end]);
    if (starts_word && ends_word) return true;
  }
  return false;
}

}  // namespace

std::optional<CpuRating> find_cpu(std::string_view model_name) {
  std::optional<CpuRating> best;
  for (auto const& rating : ratings)
    if (stands_in(rating.model, model_name) && (!best || rating.model.size() > best->model.size()))
      best = rating;
  return best;
}

}  // namespace crossjoule::meter
