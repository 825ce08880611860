// SPDX-License-Identifier: BSD-3-Clause
// Our own records read back: the ledger as it was written, to be held against estimators or joined.
#include "core/error.hpp"
#include "core/h5file.hpp"
#include "meter/account.hpp"
#include "meter/imports.hpp"
#include "meter/tree.hpp"
#include "meter/values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace crossjoule::meter {
namespace {

using Joules = core::Quantity<core::Joules>;

/// /energy/joules of one kind: low, value, high as [node, device, phase].
struct Cube {
  core::Kind kind;
  std::size_t devices = 0;
  std::array<std::vector<double>, 3> ends;
  Joules at(std::size_t node, std::size_t device, std::size_t phase) const {
    std::size_t const k = (node * devices + device) * phase_count + phase;
    if (device >= devices || k >= ends[1].size() || !std::isfinite(ends[1][k])) return {};
    return {{ends[0][k]}, {ends[1][k]}, {ends[2][k]}, kind};
  }
};

std::vector<Cube> read_cubes(core::H5File const& file, std::size_t nodes) {
  std::vector<Cube> cubes;
  for (auto const kind : {core::Kind::measured_counter, core::Kind::measured_sampled,
                          core::Kind::modelled, core::Kind::assumed}) {
    std::string const base = joules_path(kind);
    if (!file.exists(base)) continue;
    auto const shape = file.shape(base);
    bool const is_sound = shape.size() == 3 && shape[0] == static_cast<std::int64_t>(nodes) &&
                          shape[2] == static_cast<std::int64_t>(phase_count);
    VALIDATE(is_sound && file.shape(base + "_low") == shape && file.shape(base + "_high") == shape,
             "{}: {} is no [node, device, phase] of {} nodes (not written by us) name another "
             "record",
             file.path().string(), base, nodes);
    cubes.push_back({kind,
                     static_cast<std::size_t>(shape[1]),
                     {file.read<double>(base + "_low"), file.read<double>(base),
                      file.read<double>(base + "_high")}});
  }
  return cubes;
}

DeviceClass class_from(std::string const& text) {
  for (auto device : {DeviceClass::node, DeviceClass::platform, DeviceClass::module,
                      DeviceClass::package, DeviceClass::core, DeviceClass::uncore,
                      DeviceClass::dram, DeviceClass::gpu, DeviceClass::rail})
    if (to_string(device) == text) return device;
  return DeviceClass::other;
}

Standing standing_from(std::string const& text) {
  for (auto standing : {Standing::used, Standing::idle_allocated, Standing::idle_unallocated,
                        Standing::others, Standing::unknown})
    if (to_string(standing) == text) return standing;
  return Standing::none;
}

class Reader {
 public:
  explicit Reader(core::H5File const& file) : file_(file) {}

  Import run() {
    VALIDATE(file_.exists("/energy/node") && file_.exists("/energy/nodes"),
             "{} holds no joules (no /energy) name a metered record", file_.path().string());
    auto const hosts = file_.read_strings("/energy/node");
    cubes_ = read_cubes(file_, hosts.size());
    if (file_.exists("/energy/phases/seconds"))
      seconds_ = file_.read<double>("/energy/phases/seconds");
    Import import{LogFormat::record, {}, {}, {}};
    for (std::size_t n = 0; n < hosts.size(); ++n) import.nodes.push_back(node(hosts[n], n));
    import.load = load(import);
    return import;
  }

 private:
  std::string text(std::string const& object, char const* name) const {
    return file_.has_attribute(object, name) ? file_.read_attribute_text(object, name) : "";
  }
  double number(std::string const& object, char const* name) const {
    return file_.has_attribute(object, name) ? file_.read_attribute_number(object, name) : 0;
  }
  std::int64_t count(std::string const& object, char const* name) const {
    return file_.has_attribute(object, name) ? file_.read_attribute_integer(object, name) : 0;
  }

  NodeAccount node(std::string const& host, std::size_t n) const {
    NodeAccount account;
    std::string const base = "/energy/nodes/" + host;
    account.host = host, account.is_reader = true;
    std::string const headline = base + "/headline";
    if (file_.exists(headline)) {
      account.headline = file_.read_text(headline);
      for (auto const& name : file_.attribute_names(headline))
        if (name.starts_with("model_"))
          account.model_facts.emplace_back(name.substr(6), file_.attribute_text(headline, name));
    }
    account.utc_minus_steady_ns = count(base, "utc_minus_steady_ns");
    for (std::size_t phase = 0; phase < phase_count; ++phase)
      if (std::size_t const k = n * phase_count + phase; k < seconds_.size())
        account.ledger.seconds[phase] = {seconds_[k]};
    std::istringstream order(text(base, "device_order"));
    std::size_t d = 0;
    for (std::string id; order >> id; ++d) device(account, base, id, n, d);
    return account;
  }

  void device(NodeAccount& account, std::string const& node, std::string const& id, std::size_t n,
              std::size_t d) const {
    std::string link = id;
    std::replace(link.begin(), link.end(), '/', '_');
    std::string const base = node + "/devices/" + link;
    VALIDATE(file_.exists(base), "{}: {} is absent (device_order names it) name another record",
             file_.path().string(), base);
    Device device;
    auto& info = device.info;
    info.id = id, info.backend = text(base, "backend"), info.path = text(base, "path");
    info.name = text(base, "name"), info.device = class_from(text(base, "class"));
    info.quantum_joule = number(base, "quantum_joule"),
    info.update_second = number(base, "update_s");
    info.gain = number(base, "accuracy"), info.unit = text(base, "unit");
    info.max_watt = number(base, "max_watt");
    info.modulus = parse_unsigned(text(base, "modulus")).value_or(0);
    std::istringstream outer(text(base, "contained_in"));
    for (std::string word; outer >> word;) info.contained_in.push_back(word);
    device.kind = core::kind_from(text(base, "kind"));
    device.use = text(base, "use") == "counted" ? Use::counted : Use::cross_check;
    account.series.push_back(series(base, info));
    Flow flow;
    flow.reads = count(base, "reads"), flow.failed = count(base, "failed_reads");
    flow.stale = count(base, "stale_reads"), flow.wraps = count(base, "wraps");
    flow.resets = count(base, "resets"), flow.gaps = count(base, "gaps");
    auto const ns = [&](char const* name) {
      double const second = number(base, name);
      return second > 0 && second < 3e9 ? static_cast<std::int64_t>(1e9 * second) : 0;
    };
    flow.covered_ns = ns("covered_s"), flow.frozen_ns = ns("frozen_s");
    auto& ledger = account.ledger;
    ledger.devices.push_back(device), ledger.flows.push_back(flow);
    ledger.largest_term.push_back(text(base, "largest_error_term"));
    ledger.standing.push_back(standing_from(text(base, "standing")));
    Joules total;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      Joules joules;
      for (auto const& cube : cubes_)
        if (auto const here = cube.at(n, d, phase); here.present()) joules = here;
      ledger.joules[phase].push_back(joules);
      if (joules.present()) total = total.present() ? total + joules : joules;
    }
    ledger.total.push_back(total);
  }

  Series series(std::string const& base, SensorInfo& info) const {
    Series series;
    if (!file_.exists(base + "/t_ns")) return series;
    series.time_ns = file_.read<std::int64_t>(base + "/t_ns");
    bool const is_counter = file_.exists(base + "/counter");
    info.source = is_counter ? Source::counter : Source::power;
    if (is_counter)
      series.counter = file_.read<std::uint64_t>(base + "/counter");
    else
      series.power_watt = file_.read<float>(base + "/power_watt");
    series.seen = static_cast<std::int64_t>(series.time_ns.size());
    return series;
  }

  /// CPU time of the command over all thread-seconds of the node.
  std::optional<double> load(Import const& import) const {
    char const* const run = "/result/run";
    if (!file_.exists(run) || !file_.has_attribute(run, "user_s") || import.nodes.size() != 1)
      return {};
    double threads = 0;
    for (auto const& [name, value] : import.nodes.front().model_facts)
      if (name == "hardware_threads") threads = parse_number(value).value_or(0);
    double const second = number(run, "seconds");
    if (!(threads > 0) || !(second > 0)) return {};
    return std::clamp((number(run, "user_s") + number(run, "system_s")) / (threads * second), 0.0,
                      1.0);
  }

  core::H5File const& file_;
  std::vector<Cube> cubes_;
  std::vector<double> seconds_;
};

}  // namespace

Import detail::import_record(std::filesystem::path const& path) {
  auto const file = core::H5File::open(path);
  return Reader(file).run();
}

}  // namespace crossjoule::meter
