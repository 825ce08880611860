// SPDX-License-Identifier: BSD-3-Clause
// `crossjoule inspect FILE`: print, verify (--check) or extract (--csv) a record or another HDF5
// file. The file is read in a child process: HDF5 is an untrusted decoder.
#include "core/points.hpp"
#include "core/text_file.hpp"
#include "drivers/contained.hpp"
#include "drivers/inspect_check.hpp"
#include "drivers/inspect_table.hpp"
#include "drivers/json.hpp"
#include "drivers/verbs.hpp"

#include <fmt/ranges.h>
#include <algorithm>

namespace crossjoule::drivers {
namespace {

using core::ExitCode;

constexpr std::size_t longest_value = 100;  // of an attribute, in the printed tree

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text.size() <= longest_value ? text : text.substr(0, longest_value) + "...";
}

std::string label(core::H5File const& file, std::string const& name, char const* attribute) {
  return file.has_attribute(name, attribute) ? file.attribute_text(name, attribute) : "";
}

/// Attributes that the tree does not show in the line of the object itself.
std::vector<std::string> other_attributes(core::H5File const& file, std::string const& name) {
  std::vector<std::string> names;
  for (std::string const& attribute : file.attribute_names(name))
    if (file.is_group(name) ||
        (attribute != "unit" && attribute != "description" && attribute != "xxh3_128"))
      names.push_back(attribute);
  return names;
}

std::vector<std::string> objects_of(core::H5File const& file) {
  std::vector<std::string> names = file.all_names();
  names.insert(names.begin(), "/");
  return names;
}

void print_tree(core::H5File const& file) {
  fmt::print("{}\n", file.path().string());
  for (std::string const& name : objects_of(file)) {
    auto const depth =
        static_cast<std::size_t>(name == "/" ? 0 : std::count(name.begin(), name.end(), '/'));
    std::string const indent(2 * depth, ' ');
    if (file.is_group(name)) {
      if (name != "/") fmt::print("{}{}/\n", indent, name);
    } else {
      std::string const unit = label(file, name, "unit");
      fmt::print("{}{}  {} [{}]{}  {}\n", indent, name, file.type_name(name),
                 fmt::join(file.shape(name), ", "), unit.empty() || unit == "1" ? "" : " " + unit,
                 one_line(label(file, name, "description")));
    }
    for (std::string const& attribute : other_attributes(file, name))
      fmt::print("{}  {} = {}\n", indent, attribute,
                 one_line(file.attribute_text(name, attribute)));
  }
}

Json attributes_json(core::H5File const& file, std::string const& name) {
  Json attributes = Json::object();
  for (std::string const& attribute : file.attribute_names(name))
    attributes.set(attribute, file.attribute_text(name, attribute));
  return attributes;
}

Json tree_json(core::H5File const& file) {
  Json objects = Json::array();
  for (std::string const& name : objects_of(file)) {
    Json object = Json::object().set("name", name);
    if (file.is_group(name)) {
      object.set("object", "group");
    } else {
      Json shape = Json::array();
      for (std::int64_t extent : file.shape(name)) shape.push(extent);
      object.set("object", "dataset").set("type", file.type_name(name)).set("shape", shape);
      object.set("unit", label(file, name, "unit"))
          .set("description", label(file, name, "description"));
    }
    objects.push(object.set("attributes", attributes_json(file, name)));
  }
  return objects;
}

bool has_points(core::H5File const& file) {
  return is_record(file) && file.exists("/result/points");
}

Json points_json(core::H5File const& file) {
  Json points = Json::array();
  for (core::Point const& point : core::read_points(file))
    points.push(Json::object()
                    .set("platform", point.platform)
                    .set("mode", point.mode)
                    .set("device", point.device)
                    .set("precision", point.precision)
                    .set("batch", point.batch)
                    .set("ranks", point.ranks)
                    .set("boundary", core::to_string(point.boundary))
                    .set("latency", to_json(point.latency))
                    .set("seconds_per_sample", to_json(point.seconds_per_sample))
                    .set("joules_per_sample", to_json(point.joules_per_sample))
                    .set("idle_joules_per_sample", to_json(point.idle_joules_per_sample))
                    .set("missing_terms", point.missing_terms)
                    .set("assumed_terms", point.assumed_terms)
                    .set("note", point.note));
  return points;
}

ExitCode print(Call const& call, core::H5File const& file) {
  if (call.format == Call::Format::json) {
    Json document =
        Json::object().set("file", file.path().string()).set("objects", tree_json(file));
    if (has_points(file)) document.set("points", points_json(file));
    fmt::print("{}\n", document.dump());
    return ExitCode::ok;
  }
  print_tree(file);
  if (has_points(file)) fmt::print("\n{}", points_text(file));
  return ExitCode::ok;
}

ExitCode check(Call const& call, core::H5File const& file) {
  file.check_digests();  // damaged: an Error, exit code 5
  std::vector<std::string> const problems = find_problems(file);
  std::string const name = file.path().string();
  if (call.format == Call::Format::json) {
    Json list = Json::array();
    for (std::string const& problem : problems) list.push(problem);
    Json document =
        Json::object().set("file", name).set("record", is_record(file)).set("sound", true);
    fmt::print("{}\n", document.set("passed", problems.empty()).set("problems", list).dump());
  } else {
    for (std::string const& problem : problems) fmt::print("{}: {}\n", name, problem);
    char const* const what = is_record(file)
                                 ? "a record: every digest and required key is right"
                                 : "no record of ours: every dataset was read through once";
    if (problems.empty()) fmt::print("{}: ok ({})\n", name, what);
  }
  return problems.empty() ? ExitCode::ok : ExitCode::check_failed;
}

/// The first table goes to PATH, further ones to PATH with the group's name before the extension.
ExitCode extract(Call const& call, core::H5File const& file) {
  std::vector<NamedTable> const tables = find_tables(file);
  VALIDATE(!tables.empty(),
           "{} holds no table (no group with arrays of equal length) see crossjoule inspect "
           "without --csv",
           file.path().string());
  for (std::size_t i = 0; i < tables.size(); ++i) {
    std::filesystem::path path = call.csv;
    std::string suffix = tables[i].group;
    std::replace(suffix.begin(), suffix.end(), '/', '-');
    if (i > 0) path.replace_filename(path.stem().string() + suffix + path.extension().string());
    core::write_text_file(path, tables[i].table.csv(), call.overwrite);
    if (call.format == Call::Format::table)
      fmt::print("{}: {} rows of {}\n", path.string(), tables[i].table.rows(), tables[i].group);
  }
  return ExitCode::ok;
}

}  // namespace

core::ExitCode inspect(Call& call, core::Comm const& comm) {
  if (!call.go() || !comm.is_root()) return ExitCode::ok;
  VALIDATE(call.files.size() == 1, "inspect takes one file ({} were given) give one",
           call.files.size());
  std::string const name = call.files.front().string();
  return contained(name, [&] {
    core::H5File const file = core::H5File::open(name);
    if (call.check) return check(call, file);
    if (!call.csv.empty() && call.format == Call::Format::table) return extract(call, file);
    if (!call.csv.empty()) extract(call, file);
    return print(call, file);
  });
}

}  // namespace crossjoule::drivers
