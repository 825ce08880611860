// SPDX-License-Identifier: BSD-3-Clause
#include "meter/trace.hpp"

#include "core/error.hpp"
#include "core/h5file.hpp"
#include "meter/tree.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace crossjoule::meter {
namespace {

constexpr double gap_factor = 10;

DeviceClass class_from(std::string const& text, std::string const& name) {
  for (auto device : {DeviceClass::node, DeviceClass::platform, DeviceClass::module,
                      DeviceClass::package, DeviceClass::core, DeviceClass::uncore,
                      DeviceClass::dram, DeviceClass::gpu, DeviceClass::rail, DeviceClass::other})
    if (to_string(device) == text) return device;
  core::fail(core::ExitCode::bad_input,
             "{}: device = {} (no class of device) use node, platform, module, package, dram, gpu, "
             "rail or other",
             name, text);
}

/// Keys of the `# key = value` lines that stand before the heading.
std::map<std::string, std::string> take_keys(std::string_view& text) {
  std::map<std::string, std::string> keys;
  while (true) {
    auto const line = text.substr(0, text.find('\n'));
    if (!trim(line).starts_with('#')) return keys;
    auto const content = trim(trim(line).substr(1));
    if (auto const equals = content.find('='); equals != std::string_view::npos)
      keys[lower(trim(content.substr(0, equals)))] = trim(content.substr(equals + 1));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

/// Where the columns of the heading are, -1 for a missing one.
struct Columns {
  int time = -1, watt = -1, joule = -1, channel = -1;
  double watt_factor = 1, joule_factor = 1;
  bool is_nanosecond = false;  ///< the heading says so; else the size of the number tells
};

Columns find_columns(std::vector<std::string> const& heading, std::string const& name) {
  Columns columns;
  for (int k = 0; k < static_cast<int>(heading.size()); ++k) {
    std::string const word = lower(heading[static_cast<std::size_t>(k)]);
    if (word == "t_utc_ns" || word == "t_ns" || word.starts_with("time")) {
      columns.time = k, columns.is_nanosecond = word.ends_with("_ns");
    }
    if (word == "channel" || word == "device" || word == "id") columns.channel = k;
    if (auto const factor = watt_of_heading(word)) columns.watt = k, columns.watt_factor = *factor;
    if (auto const factor = joule_of_heading(word))
      columns.joule = k, columns.joule_factor = *factor;
  }
  VALIDATE(columns.time >= 0 && (columns.watt >= 0 || columns.joule >= 0),
           "{} is no trace (its heading needs t_utc_ns and watts or joules) see docs/energy.md",
           name);
  return columns;
}

void finish(TraceChannel& channel) {
  std::vector<std::int64_t> steps;
  for (std::size_t k = 1; k < channel.time_ns.size(); ++k)
    steps.push_back(channel.time_ns[k] - channel.time_ns[k - 1]);
  if (steps.empty()) return;
  auto const middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  double const usual = static_cast<double>(*middle);
  channel.info.update_second = usual * 1e-9;
  channel.gaps = std::count_if(steps.begin(), steps.end(), [&](std::int64_t step) {
    return static_cast<double>(step) > gap_factor * usual;
  });
}

void add_reading(TraceChannel& channel, std::int64_t time_ns, Reading const& reading) {
  if (!channel.time_ns.empty() && time_ns <= channel.time_ns.back()) {
    ++(time_ns == channel.time_ns.back() ? channel.duplicates : channel.out_of_order);
    return;
  }
  channel.time_ns.push_back(time_ns), channel.readings.push_back(reading);
}

class Parser {
 public:
  Parser(std::string_view text, std::string const& name) : text_(text), name_(name) {
    keys_ = take_keys(text_);
  }

  std::vector<TraceChannel> run() {
    CsvReader reader(text_);
    auto const heading = reader.next();
    VALIDATE(heading.has_value(), "{} is empty (no heading) give a trace", name_);
    columns_ = find_columns(*heading, name_);
    auto const offset = static_cast<std::int64_t>(number("clock_offset_s", 0, -1e6, 1e6) * 1e9);
    while (auto const row = reader.next()) take(*row, offset);
    VALIDATE(!channels_.empty(), "{} holds no reading (every row was unreadable) check its columns",
             name_);
    std::vector<TraceChannel> result;
    for (auto const& id : order_) {
      finish(channels_.at(id));
      result.push_back(std::move(channels_.at(id)));
    }
    return result;
  }

 private:
  double number(char const* key, double otherwise, double low, double high) const {
    auto const found = keys_.find(key);
    if (found == keys_.end()) return otherwise;
    auto const value = parse_number(found->second);
    VALIDATE(value && *value >= low && *value <= high,
             "{}: {} = {} (a number from {} to {} is wanted) correct the line", name_, key,
             found->second, low, high);
    return *value;
  }
  std::string text_of(char const* key, std::string const& otherwise) const {
    auto const found = keys_.find(key);
    return found == keys_.end() ? otherwise : found->second;
  }

  TraceChannel& channel_of(std::string const& id) {
    auto const [entry, is_new] = channels_.try_emplace(id);
    if (!is_new) return entry->second;
    VALIDATE(channels_.size() <= 256, "{} has more than 256 channels (a wrong column?) check it",
             name_);
    order_.push_back(id);
    SensorInfo& info = entry->second.info;
    info.id = id, info.name = id, info.backend = "trace", info.path = name_;
    info.device = class_from(text_of("device", "node"), name_);
    info.gain = number("accuracy", 0.05, 0, 1), info.max_watt = number("max_watt", 1e5, 1e-3, 1e9);
    info.source = columns_.joule >= 0 ? Source::counter : Source::power;
    info.quantum_joule = 1e-6, info.modulus = 0, info.preference = 20;
    info.unit = std::string(columns_.joule >= 0 ? "J" : "W"), info.update_second = 1;
    return entry->second;
  }

  std::optional<std::int64_t> time_of(std::string const& text) const {
    if (!columns_.is_nanosecond) return parse_time_ns(text);
    auto const stamp = parse_unsigned(text);
    constexpr std::uint64_t largest = 9'000'000'000'000'000'000;
    return stamp && *stamp < largest ? std::optional(static_cast<std::int64_t>(*stamp))
                                     : std::nullopt;
  }

  void take(std::vector<std::string> const& row, std::int64_t offset_ns) {
    auto const cell = [&](int k) {
      return k >= 0 && k < static_cast<int>(row.size()) ? row[static_cast<std::size_t>(k)]
                                                        : std::string();
    };
    std::string const id = columns_.channel >= 0 ? cell(columns_.channel) : "";
    auto const stamp = time_of(cell(columns_.time));
    auto const watt = parse_watt(cell(columns_.watt), columns_.watt_factor);
    auto const joule = parse_joule(cell(columns_.joule), columns_.joule_factor);
    TraceChannel& channel = channel_of(id.empty() ? text_of("id", "external") : id);
    bool const wants_joule = columns_.joule >= 0;
    bool const is_sound = stamp && (wants_joule ? joule && *joule >= 0 && *joule < 1e12
                                                : watt && *watt >= 0 && *watt < 1e9);
    if (!is_sound) {
      ++channel.unreadable;
      return;
    }
    Reading reading;
    reading.watt = watt.value_or(0);
    if (wants_joule) reading.counter = static_cast<std::uint64_t>(*joule * 1e6 + 0.5);
    add_reading(channel, *stamp + offset_ns, reading);
  }

  std::string_view text_;
  std::string name_;
  std::map<std::string, std::string> keys_;
  Columns columns_;
  std::map<std::string, TraceChannel> channels_;
  std::vector<std::string> order_;
};

/// The series of a record of ours, one channel for each device that was read.
std::vector<TraceChannel> read_record(std::filesystem::path const& path) {
  auto const file = core::H5File::open(path);
  VALIDATE(file.exists("/energy/nodes"), "{} holds no /energy (not a metered record) name another",
           path.string());
  std::vector<TraceChannel> channels;
  for (auto const& host : file.children("/energy/nodes")) {
    std::string const devices = "/energy/nodes/" + host + "/devices";
    if (!file.exists(devices)) continue;
    for (auto const& id : file.children(devices)) {
      std::string const base = devices + "/" + id;
      if (file.read_attribute_text(base, "backend") == "model") continue;
      TraceChannel channel;
      bool const is_counter = file.exists(base + "/counter");
      auto& info = channel.info;
      info.id = id, info.backend = "trace", info.path = path.string();
      info.name = file.read_attribute_text(base, "name");
      info.device = class_from(file.read_attribute_text(base, "class"), path.string());
      info.source = is_counter ? Source::counter : Source::power;
      info.quantum_joule = file.read_attribute_number(base, "quantum_joule");
      info.gain = file.read_attribute_number(base, "accuracy");
      info.update_second = file.read_attribute_number(base, "update_s");
      info.modulus = parse_number(file.read_attribute_text(base, "modulus")).has_value()
                         ? std::stoull(file.read_attribute_text(base, "modulus"))
                         : 0;
      std::istringstream outer(file.read_attribute_text(base, "contained_in"));
      for (std::string word; outer >> word;) info.contained_in.push_back(word);
      auto const times = file.read<std::int64_t>(base + "/t_ns");
      auto const counter =
          is_counter ? file.read<std::uint64_t>(base + "/counter") : std::vector<std::uint64_t>();
      auto const watt =
          is_counter ? std::vector<double>() : file.read<double>(base + "/power_watt");
      VALIDATE(times.size() == (is_counter ? counter.size() : watt.size()),
               "{}: {} has series of unequal length (damaged) name another record", path.string(),
               base);
      for (std::size_t k = 0; k < times.size(); ++k)
        add_reading(channel, times[k], is_counter ? Reading{counter[k], 0} : Reading{0, watt[k]});
      if (!channel.time_ns.empty()) channels.push_back(std::move(channel));
    }
  }
  VALIDATE(!channels.empty(),
           "{} holds no series of a sensor (all joules are modelled) name another", path.string());
  return channels;
}

}  // namespace

std::vector<TraceChannel> parse_trace(std::string_view text, std::string const& name) {
  return Parser(text, name).run();
}

std::vector<TraceChannel> read_trace(std::filesystem::path const& file) {
  if (file.extension() == ".h5") return read_record(file);
  std::ifstream stream(file, std::ios::binary);
  VALIDATE(stream.good() && std::filesystem::is_regular_file(file),
           "{} cannot be read (no such file) check the path", file.string());
  std::ostringstream content;
  content << stream.rdbuf();
  return parse_trace(content.str(), file.string());
}

TraceSource parse_trace_source(std::string const& text) {
  auto const colon = text.find(':');
  std::string const role = text.substr(0, colon);
  VALIDATE(colon != std::string::npos && colon + 1 < text.size() &&
               (role == "replay" || role == "external"),
           "meter trace '{}' (neither replay:FILE nor external:FILE) name the role and the file",
           text);
  return {role == "replay" ? TraceSource::Role::replay : TraceSource::Role::external,
          text.substr(colon + 1)};
}

}  // namespace crossjoule::meter
