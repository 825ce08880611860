// SPDX-License-Identifier: BSD-3-Clause
#include "meter/impact_tracker.hpp"

#include "core/error.hpp"
#include "meter/json_lines.hpp"
#include "meter/values.hpp"

#include <map>
#include <vector>

namespace crossjoule::meter {
namespace {

struct Sample {
  std::int64_t time_ns = 0;
  std::optional<double> cpu_watt, gpu_watt, intensity, gpu_use;
  double boards = 0;
};

std::optional<double> number_of(JsonValue const& line, char const* name) {
  auto const* member = line.find(name);
  return member ? member->number() : std::nullopt;
}

std::optional<std::int64_t> time_of(JsonValue const& line, std::int64_t offset_s) {
  auto const* member = line.find("timestamp");
  if (!member) return {};
  if (auto const text = member->text()) return parse_time_ns(*text, offset_s);
  auto const number = member->number();
  return number && *number > 0 ? parse_time_ns(fmt::format("{:.6f}", *number)) : std::nullopt;
}

/// The last sample's seconds of each process, summed at the end.
void take_cpu_seconds(JsonValue const& line, std::map<std::string, double>& seconds) {
  auto const* all = line.find("cpu_time_seconds");
  auto const* members = all ? std::get_if<JsonValue::Members>(&all->value) : nullptr;
  if (!members) return;
  for (auto const& [process, times] : *members)
    seconds[process] =
        number_of(times, "user").value_or(0) + number_of(times, "system").value_or(0);
}

/// Known values go forward, then backward, then the region's mean stands in.
void fill(std::vector<Sample>& samples, double region) {
  for (std::size_t k = 1; k < samples.size(); ++k)
    if (!samples[k].intensity) samples[k].intensity = samples[k - 1].intensity;
  for (std::size_t k = samples.size(); k-- > 1;)
    if (!samples[k - 1].intensity) samples[k - 1].intensity = samples[k].intensity;
  for (auto& sample : samples)
    if (!sample.intensity) sample.intensity = region;
}

}  // namespace

ImpactRun read_impact_tracker(std::string_view text, ImpactOptions const& options) {
  ImpactRun run;
  std::vector<Sample> samples;
  std::map<std::string, double> cpu_seconds;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto const line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto const value = parse_json(line);
    auto const time = value ? time_of(*value, options.zone_offset_s) : std::nullopt;
    if (!time) {
      ++run.unreadable;
      continue;
    }
    if (!samples.empty() && *time < samples.back().time_ns) {
      ++run.out_of_order;
      continue;
    }
    Sample sample;
    sample.time_ns = *time;
    sample.cpu_watt = number_of(*value, "rapl_estimated_attributable_power_draw");
    sample.gpu_watt = number_of(*value, "nvidia_estimated_attributable_power_draw");
    sample.intensity = number_of(*value, "realtime_carbon_intensity");
    sample.gpu_use = number_of(*value, "average_gpu_estimated_utilization_absolute");
    if (auto const* boards = value->find("per_gpu_power_draw"))
      if (auto const* all = std::get_if<JsonValue::Members>(&boards->value))
        sample.boards = static_cast<double>(all->size());
    take_cpu_seconds(*value, cpu_seconds);
    samples.push_back(sample);
  }
  VALIDATE(!samples.empty(),
           "no sample (no line of JSON with a time stamp) give the data.json of "
           "experiment-impact-tracker");
  std::int64_t const start = options.start_ns.value_or(samples.front().time_ns);
  std::int64_t const end = options.end_ns.value_or(samples.back().time_ns);
  VALIDATE(start <= samples.front().time_ns && end >= samples.back().time_ns,
           "start or end of the run lies inside its samples ({} to {}) correct start, end or "
           "zone_offset_s",
           utc_text(samples.front().time_ns), utc_text(samples.back().time_ns));
  fill(samples, options.region_intensity);
  double intensity_sum = 0;
  auto const charge = [&](Sample const& sample, std::int64_t ns) {
    double const hours = static_cast<double>(ns) * 1e-9 / 3600;
    double const cpu = sample.cpu_watt.value_or(0) * hours / 1000;
    double const gpu = sample.gpu_watt.value_or(0) * hours / 1000;
    run.kwh_cpu += cpu, run.kwh_gpu += gpu;
    run.kg_co2 += options.pue * (cpu + gpu) * *sample.intensity / 1000;
    run.gpu_hours += hours * sample.gpu_use.value_or(0) * sample.boards;
  };
  std::int64_t before = start;
  for (auto const& sample : samples) {
    charge(sample, sample.time_ns - before);
    before = sample.time_ns;
    intensity_sum += *sample.intensity;
    run.without_cpu += !sample.cpu_watt, run.without_gpu += !sample.gpu_watt;
  }
  charge(samples.back(), end - before);
  run.samples = static_cast<std::int64_t>(samples.size());
  run.kwh_total = options.pue * (run.kwh_cpu + run.kwh_gpu);
  run.hours = static_cast<double>(end - start) * 1e-9 / 3600;
  run.mean_intensity = intensity_sum / static_cast<double>(samples.size());
  for (auto const& [process, second] : cpu_seconds) run.cpu_hours += second / 3600;
  return run;
}

}  // namespace crossjoule::meter
