// SPDX-License-Identifier: BSD-3-Clause
#include "meter/node_model.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <sstream>

namespace crossjoule::meter {
namespace {

/// "model name\t: AMD EPYC" -> {"model name", "AMD EPYC"}
std::pair<std::string, std::string> split_line(std::string const& line) {
  auto const colon = line.find(':');
  if (colon == std::string::npos) return {line, ""};
  auto const key_end = line.find_last_not_of(" \t", colon - 1);
  auto const value = line.find_first_not_of(" \t", colon + 1);
  return {line.substr(0, key_end + 1), value == std::string::npos ? "" : line.substr(value)};
}

void read_cpuinfo(Tree const& tree, NodeModel& node) {
  std::istringstream lines(tree.text("/proc/cpuinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    auto const both = split_line(line);
    auto const &key = both.first, &value = both.second;
    auto const first = [&](std::string& field) {
      if (field.empty()) field = value;
    };
    if (key == "processor") ++node.hardware_threads;
    if (key == "vendor_id") first(node.vendor);
    if (key == "model name") first(node.model_name);
    if (key == "cpu family") first(node.family);
    if (key == "model") first(node.model);
    if (key == "stepping") first(node.stepping);
    if (key == "flags" && (" " + value + " ").find(" hypervisor ") != std::string::npos)
      node.is_guest = true, node.guest_evidence = "hypervisor flag in /proc/cpuinfo";
  }
}

void look_for_hypervisor(Tree const& tree, NodeModel& node) {
  if (node.is_guest) return;
  if (auto const type = tree.text("/sys/hypervisor/type")) {
    node.is_guest = true, node.guest_evidence = "/sys/hypervisor/type says " + *type;
    return;
  }
  auto const product = tree.text("/sys/class/dmi/id/product_name").value_or("");
  for (char const* sign : {"KVM", "VirtualBox", "VMware", "Virtual Machine", "QEMU", "HVM"})
    if (product.find(sign) != std::string::npos)
      node.is_guest = true, node.guest_evidence = "DMI product name " + product;
}

double total_memory_gb(Tree const& tree) {
  std::istringstream lines(tree.text("/proc/meminfo").value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (auto const [key, value] = split_line(line); key == "MemTotal")
      if (auto const kilobytes = parse_unsigned(value.substr(0, value.find(' '))))
        return static_cast<double>(*kilobytes) * 1024 * 1e-9;
  return 0;
}

SensorInfo model_info(std::string id, DeviceClass device, std::string path, std::string name) {
  SensorInfo info;
  info.id = std::move(id), info.backend = "model", info.path = std::move(path),
  info.name = std::move(name);
  info.device = device, info.source = Source::power, info.quantum_joule = 0,
  info.update_second = 0.01;
  info.contained_in = {"module", "platform"};
  return info;
}

/// A channel whose power is computed, not read.
class ModelChannel : public Channel {
 public:
  explicit ModelChannel(SensorInfo info, core::Kind kind = core::Kind::modelled)
      : Channel({std::move(info), kind, Use::counted}) {}
  Mark mark() const override { return {asked_ns_, good_ns_, flow_}; }

  void read(Clock& clock) override {
    asked_ns_ = clock.now_ns();
    ++flow_.reads;
    auto const power = watt();
    fresh_ = power.has_value();
    if (!fresh_) {
      ++flow_.failed;
      return;
    }
    if (good_ns_ != 0) charge(*power);
    good_ns_ = asked_ns_;
    latest_.watt = (*power)[1];
  }

 protected:
  /// Mean power since the last call, nothing where it cannot be told.
  virtual std::optional<Three> watt() = 0;
  virtual Three idle_watt() const = 0;
  /// Thread-seconds per second that other guests took.
  virtual double stolen() const { return 0; }

 private:
  void charge(Three const& power) {
    double const seconds = static_cast<double>(asked_ns_ - good_ns_) * 1e-9;
    auto const idle = idle_watt();
    flow_.joule_low += power[0] * seconds, flow_.joule += power[1] * seconds,
        flow_.joule_high += power[2] * seconds;
    flow_.idle_low += idle[0] * seconds, flow_.idle += idle[1] * seconds,
        flow_.idle_high += idle[2] * seconds;
    flow_.covered_ns += asked_ns_ - good_ns_;
    flow_.stolen_second += stolen() * seconds;
  }
  Flow flow_;
};

class CpuModel : public ModelChannel {
 public:
  CpuModel(NodeModel const& model, Tree const& tree)
      : ModelChannel(model_info("cpu-model", DeviceClass::package, tree.at("/proc/stat").string(),
                                model.model_name)),
        model_(model),
        load_(tree, model.hardware_threads) {}

 private:
  std::optional<Three> watt() override {
    auto const load = load_.look();
    if (!load) return {};
    stolen_ = load->stolen * model_.hardware_threads;
    return model_.cpu_watt(load->busy);
  }
  double stolen() const override { return stolen_; }
  Three idle_watt() const override { return model_.cpu_watt(0); }
  NodeModel model_;
  LoadMeter load_;
  double stolen_ = 0;
};

class DramModel : public ModelChannel {
 public:
  explicit DramModel(NodeModel const& model)
      : ModelChannel(model_info("dram-model", DeviceClass::dram, model.memory_source,
                                fmt::format("{:.1f} GB of memory", model.memory_gb))),
        watt_(model.dram_watt()) {}

 private:
  std::optional<Three> watt() override { return watt_; }
  Three idle_watt() const override { return watt_; }  // refresh goes on whatever the load
  Three watt_;
};

class HiddenBoards : public ModelChannel {
 public:
  HiddenBoards(int count, double idle_watt)
      : ModelChannel(model_info(hidden_boards_id, DeviceClass::gpu, "/sys/bus/pci/devices",
                                fmt::format("{} accelerators without a sensor", count)),
                     core::Kind::assumed),
        watt_{0.5 * count * idle_watt, count * idle_watt, 2.0 * count * idle_watt} {
    device_.info.contained_in = {"module"};
  }

 private:
  std::optional<Three> watt() override { return watt_; }
  Three idle_watt() const override { return watt_; }
  Three watt_;
};

}  // namespace

Three NodeModel::cpu_watt(double load) const {
  Three watt;
  for (std::size_t k = 0; k < 3; ++k) {
    double const full = hardware_threads * thread_watt[k];
    watt[k] = full * (idle_share[k] +
                      (1 - idle_share[k]) * std::pow(std::clamp(load, 0.0, 1.0), exponent[k]));
  }
  return {std::min(watt[0], watt[1] / 2), watt[1], std::max(watt[2], watt[1] * 2)};
}

Three NodeModel::dram_watt() const {
  return {dram_watt_per_gb[0] * memory_gb, dram_watt_per_gb[1] * memory_gb,
          dram_watt_per_gb[2] * memory_gb};
}

std::string NodeModel::rule() const {
  std::string const source = rating ? fmt::format("{} W of a {} shared by its {} threads",
                                                  rating->tdp_watt, rating->model, rating->threads)
                                    : fmt::format("class default {:g} to {:g} W per thread",
                                                  thread_watt[0], thread_watt[2]);
  return fmt::format(
      "{} hardware threads at {:.2f} W each when busy ({}), {:.0f} % of it when idle, load from "
      "/proc/stat",
      hardware_threads, thread_watt[1], source, 100 * idle_share[1]);
}

core::Facts NodeModel::facts() const {
  auto const three = [](Three const& t) { return fmt::format("{:g} {:g} {:g}", t[0], t[1], t[2]); };
  return {{"model_version", fmt::format("{}", version)},
          {"vendor", vendor},
          {"model_name", model_name},
          {"family", family},
          {"model", model},
          {"stepping", stepping},
          {"hardware_threads", fmt::format("{}", hardware_threads)},
          {"guest", is_guest ? guest_evidence : "no"},
          {"cpu_table_row", rating ? std::string(rating->model) : "none: class default"},
          {"cpu_table_source", std::string(cpu_rating_source)},
          {"tdp_watt", rating ? fmt::format("{:g}", rating->tdp_watt) : "unknown"},
          {"thread_watt_low_value_high", three(thread_watt)},
          {"idle_share_low_value_high", three(idle_share)},
          {"load_exponent_low_value_high", three(exponent)},
          {"dram_watt_per_gb_low_value_high", three(dram_watt_per_gb)},
          {"memory_gb", fmt::format("{:g}", memory_gb)},
          {"memory_source", memory_source},
          {"rule", rule()}};
}

NodeModel discover_node(Tree const& tree, double memory_gb) {
  NodeModel node;
  read_cpuinfo(tree, node);
  look_for_hypervisor(tree, node);
  node.rating = find_cpu(node.model_name);
  if (node.rating) {
    double const share = node.rating->tdp_watt / node.rating->threads;
    node.thread_watt = {0.8 * share, share, 1.2 * share};  // a rating is no measurement
  }
  node.memory_gb = memory_gb > 0 ? memory_gb : total_memory_gb(tree);
  node.memory_source = memory_gb > 0 ? "option memory_gb" : "MemTotal in /proc/meminfo";
  return node;
}

LoadMeter::LoadMeter(Tree const& tree, int hardware_threads)
    : load_{1.0 / std::max(1, hardware_threads), 0} {
  if (int const descriptor = tree.open("/proc/stat"); descriptor >= 0)
    file_ = std::make_unique<OpenFile>(descriptor);
}

std::optional<LoadMeter::Ticks> LoadMeter::read() const {
  if (!file_) return {};
  auto const text = file_->read(512);  // the first line is the sum over all threads
  if (!text || text->rfind("cpu ", 0) != 0) return {};
  std::istringstream line(text->substr(4, text->find('\n')));
  double user, nice, system, idle, waiting = 0, irq = 0, softirq = 0, steal = 0;
  if (!(line >> user >> nice >> system >> idle)) return {};
  line >> waiting >> irq >> softirq >> steal;
  Ticks ticks;
  ticks.busy = user + nice + system + irq + softirq;  // guest time is part of user
  ticks.stolen = steal;
  ticks.all = ticks.busy + steal + idle + waiting;
  return ticks;
}

std::optional<Load> LoadMeter::look() {
  constexpr double fewest_ticks = 10;
  auto const now = read();
  if (!now) return {};
  if (!last_) last_ = now;
  double const all = now->all - last_->all, busy = now->busy - last_->busy,
               stolen = now->stolen - last_->stolen;
  if (all < 0 || busy < 0 || stolen < 0)
    last_ = now;  // a thread went offline: start afresh
  else if (all >= fewest_ticks) {
    load_ = {std::min(1.0, busy / all), std::min(1.0, stolen / all)};
    last_ = now;
  }
  return load_;
}

std::unique_ptr<Channel> make_cpu_model(NodeModel const& model, Tree const& tree) {
  return std::make_unique<CpuModel>(model, tree);
}

std::unique_ptr<Channel> make_dram_model(NodeModel const& model) {
  return std::make_unique<DramModel>(model);
}

std::unique_ptr<Channel> make_hidden_boards(int count, double idle_watt) {
  return std::make_unique<HiddenBoards>(count, idle_watt);
}

}  // namespace crossjoule::meter
