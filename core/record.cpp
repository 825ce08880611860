// SPDX-License-Identifier: BSD-3-Clause
#include "core/record.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/system.hpp"

#include <fstream>
#include <sstream>

namespace crossjoule::core {
namespace {

constexpr char format_name[] = "crossjoule-record";

/// The words this process was started with, blanks between them.
std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  std::string words = content.str();
  while (!words.empty() && words.back() == '\0') words.pop_back();
  for (char& c : words)
    if (c == '\0') c = ' ';
  return words;
}

void write_facts(H5File& file, std::string const& group, Facts const& facts) {
  for (auto const& [name, value] : facts) file.attribute(group, name, std::string_view(value));
}

}  // namespace

Record::Record(std::filesystem::path const& path, std::string_view verb, Config const& config,
               Overwrite overwrite)
    : file_(H5File::create(path, overwrite)) {
  file_.attribute("/meta", "format", format_name);
  file_.attribute("/meta", "format_version", format_version);
  file_.attribute("/meta", "verb", verb);
  file_.attribute("/meta", "created_utc", std::string_view(utc_now()));
  file_.attribute("/meta", "command", std::string_view(command_line()));
  file_.attribute("/input", "path", std::string_view(config.path().string()));
  file_.write_text("/input/config", config.verbatim(),
                   "the configuration as read, --set assignments as comments");
  write_facts(file_, "/build", build_facts());
  write_facts(file_, "/system", system_facts());
}

void Record::network(NetworkIdentity const& network, std::string_view text_form) {
  file_.attribute("/graph", "name", std::string_view(network.name));
  file_.attribute("/graph", "digest", std::string_view(network.digest));
  file_.attribute("/graph", "params", network.params);
  file_.attribute("/graph", "macs", network.macs);
  file_.write_text("/graph/text", text_form, "the network in text form (docs/file_format.md)");
}

void Record::write_quantity(std::string const& name, double low, double value, double high,
                            Kind kind, std::string_view unit, std::string_view description) {
  if (kind != Kind::absent) {  // an absent figure has no numbers
    file_.attribute(name, "low", low);
    file_.attribute(name, "value", value);
    file_.attribute(name, "high", high);
  }
  file_.attribute(name, "kind", to_string(kind));
  file_.attribute(name, "unit", unit);
  file_.attribute(name, "description", description);
}

void Record::leave_error(std::filesystem::path const& path, std::string_view verb,
                         Config const& config, int exit_code, std::string_view message) {
  std::filesystem::path failed = path;
  failed.replace_filename(path.stem().string() + ".failed.h5");
  Record record(failed, verb, config, Overwrite::yes);
  record.file_.attribute("/error", "exit_code", std::int64_t{exit_code});
  record.file_.attribute("/error", "message", message);
  record.commit();
}

NetworkIdentity read_network(H5File const& file) {
  VALIDATE(file.exists("/graph") && file.has_attribute("/graph", "digest"),
           "{} holds no network (it has no /graph with a digest) give a record of train, infer or "
           "estimate",
           file.path().string());
  file.check_digests();
  return {file.read_attribute_text("/graph", "name"), file.read_attribute_text("/graph", "digest"),
          file.read_attribute_integer("/graph", "params"),
          file.read_attribute_integer("/graph", "macs")};
}

}  // namespace crossjoule::core
