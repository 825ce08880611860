// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/fields/file_list.hpp"

#include "core/error.hpp"

#include <fnmatch.h>
#include <algorithm>

namespace crossjoule::runtime {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> files_of_folder(fs::path const& folder, std::string const& pattern) {
  std::vector<fs::path> found;
  std::size_t others = 0;
  std::string example;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory()) continue;
    std::string const name = entry->path().filename().string();
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) {
      found.push_back(entry->path());
    } else if (name.ends_with(".h5") || name.ends_with(".nc")) {
      ++others;
      if (example.empty() || name < example) example = name;
    }
  }
  VALIDATE(!error, "{} cannot be read ({}) check the folder", folder.string(), error.message());
  VALIDATE(!found.empty(),
           "{}: no year files (no name matches {}, {} other HDF5 files are there{}) name another "
           "folder, the files themselves, or data.pattern",
           folder.string(), pattern, others, others > 0 ? ", " + example + " first" : "");
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::optional<int> year_of_name(fs::path const& path) {
  std::string const stem = path.stem().string();
  if (stem.size() != 4 || stem.find_first_not_of("0123456789") != std::string::npos) return {};
  return std::stoi(stem);
}

std::vector<fs::path> list_field_files(std::vector<fs::path> const& files,
                                       std::string const& pattern,
                                       std::vector<std::int64_t> const& years) {
  VALIDATE(!files.empty(),
           "no fields to read (the list `files` is empty) name a folder of year files, or files");
  std::vector<fs::path> all;
  for (auto const& path : files) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      all.push_back(path);  // opening it will say whether it is there
      continue;
    }
    auto const found = files_of_folder(path, pattern);
    all.insert(all.end(), found.begin(), found.end());
  }
  if (years.empty()) return all;
  std::vector<fs::path> chosen;
  for (std::int64_t const year : years) {
    std::size_t const before = chosen.size();
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                 [year](fs::path const& path) { return year_of_name(path) == year; });
    VALIDATE(chosen.size() > before,
             "no file of the year {} (of {} files, {} to {}) mend data.years or data.files", year,
             all.size(), all.front().string(), all.back().string());
  }
  return chosen;
}

}  // namespace crossjoule::runtime
