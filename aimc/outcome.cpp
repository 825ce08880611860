// SPDX-License-Identifier: BSD-3-Clause
#include "aimc/outcome.hpp"

#include "aimc/latencies.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossjoule::aimc {
namespace {

using core::Boundary;

constexpr double absent = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<Boundary, 3> all_boundaries = {Boundary::device, Boundary::chip,
                                                    Boundary::system};

double or_zero(double value) { return std::isnan(value) ? 0 : value; }

constexpr std::size_t index(Component component) { return static_cast<std::size_t>(component); }

/// The mode's own laws, as one figure.
Figure static_power_of(Chip const& chip, ReadMode const& mode) {
  auto figure = mode.static_power.front().constant;
  figure.low = tile_figures(chip, mode, {Pick::At::low}).static_watts;
  figure.value = tile_figures(chip, mode).static_watts;
  figure.high = tile_figures(chip, mode, {Pick::At::high}).static_watts;
  return figure;
}

}  // namespace

/// Figures at one pick.
struct Case::Numbers {
  TileFigures tile;
  std::array<double, term_count> terms{};
  double operator[](Term which) const { return terms[static_cast<std::size_t>(which)]; }
};

double LineNumbers::joules() const {
  double total = 0;
  for (auto part : parts) total += or_zero(part);
  return total;
}

Figure assumed_static_power(Chip const& chip, ReadMode const& mode) {
  constexpr double least = 0.01, share = 0.1, most = 0.3;
  auto const watts = tile_figures(chip, mode).full_load_watts;
  return {
      least * watts,
      share * watts,
      most * watts,
      "W",
      "assumed",
      "nobody published it: 1 to 30 % of what a tile draws at full load, for leakage, clocks and "
      "bias currents",
      "",
      core::Kind::assumed};
}

Case::Case(models::Graph const& graph, Chip const& chip, ReadMode const& mode, Terms const& assumed,
           Workload const& workload)
    : graph_(&graph),
      chip_(chip),
      mode_(mode),
      tiles_(map(graph, chip, workload.map)),
      terms_(merged(chip.terms, assumed)),
      work_(digital_work(graph, tiles_, chip)),
      workload_(workload),
      unit_pipelines_(pipelines(graph, tiles_, {1, 1, 1, 1, 1, 1, 1, 1}, word_bytes(chip))),
      digital_is_covered_(covers(mode, Component::digital)),
      links_are_covered_(covers(mode, Component::links)) {
  auto& watts = terms_[Term::static_watts_per_tile];
  if (!mode.static_power.empty())
    watts = static_power_of(chip, mode);
  else if (!watts.present())
    watts = assumed_static_power(chip, mode);
  VALIDATE(tiles_.rounds == 1 || (terms_[Term::write_seconds_per_row].present() &&
                                  terms_[Term::write_joules_per_weight].present()),
           "weights of {} take turns on chip {} (nobody says what writing them takes) give "
           "write_seconds_per_row and write_joules_per_weight in [assumed]",
           graph.name, chip.name);
  require_digital_unit();
  if (terms_[Term::buffer_bytes_per_tile].present()) size_buffers();
}

/// Operations that no array and no column does need a digital unit: the chip's, one beside it whose
/// figures the study gives, or one that the study asks for.
void Case::require_digital_unit() const {
  auto const& names = work_.operations;
  if (names.empty() || workload_.map.unheld == Unheld::digital_unit) return;
  bool const is_given = terms_[Term::digital_flops_per_second].present() &&
                        terms_[Term::digital_joules_per_flop].present();
  VALIDATE(
      workload_.map.unheld == Unheld::chip_decides && (chip_.has_digital_unit || is_given),
      "chip {} cannot hold operation {} of {}{} (arrays multiply by weights that stay, columns "
      "scale and activate) let a digital unit do it: mapping.unheld = \"digital-unit\", or "
      "digital_flops_per_second and digital_joules_per_flop of one in [assumed]",
      chip_.name, names.front(), graph_->name,
      names.size() == 1 ? "" : fmt::format(" and {} more", names.size() - 1));
}

void Case::size_buffers() {
  auto const room = terms_[Term::buffer_bytes_per_tile].value * static_cast<double>(tiles_.tiles());
  for (auto const& pipeline : pipelines_at({}, Boundary::chip)) {
    std::int64_t bytes = 0;
    for (auto each : buffer_bytes(pipeline)) bytes += each;
    VALIDATE(static_cast<double>(bytes) <= room,
             "{} of {} keeps {} bytes waiting on chip {} (the buffers of its {} tiles hold {:.0f}) "
             "raise buffer_bytes_per_tile, or use more tiles",
             tiles_.samples_per_product == 1 ? "a sample" : "a turn of packed samples",
             graph_->name, bytes, chip_.name, tiles_.tiles(), room);
    if (bytes == 0) continue;
    auto const held = std::floor(room / static_cast<double>(bytes));
    if (held * interval(pipeline) >= simulate(pipeline, 1).latency()) continue;
    auto const turns = static_cast<std::int64_t>(held);
    turns_held_ = turns_held_ == 0 ? turns : std::min(turns_held_, turns);
  }
}

double Case::term(Term which, Pick const& pick) const {
  auto const& figure = terms_[which];
  if (!figure.present()) return absent;
  auto const name = term_laws()[static_cast<std::size_t>(which)].name;
  return pick(figure, name, divides(which) ? Pick::Sense::cost_falls : Pick::Sense::cost_rises);
}

std::vector<Pipeline> Case::pipelines_at(Pick const& pick, Boundary boundary) const {
  auto seconds_per = [&](Term which) {
    auto const rate = term(which, pick);
    return std::isnan(rate) ? 0 : 1 / rate;
  };
  StageTimes times;
  auto const tile = tile_figures(chip_, mode_, pick);
  times.dac = tile.seconds_of[index(Component::dac)];
  times.adc = tile.seconds_of[index(Component::adc)];
  // a tile whose outputs are held is free for the next product while they are converted
  times.product = tiles_.tiles_per_adc > 0 ? tile.seconds - times.adc : tile.seconds;
  times.write_seconds_per_row = or_zero(term(Term::write_seconds_per_row, pick));
  if (boundary != Boundary::device) {
    if (!digital_is_covered_) times.columns = or_zero(term(Term::digital_seconds_per_layer, pick));
    times.seconds_per_flop = seconds_per(Term::digital_flops_per_second);
    times.link_seconds_per_byte = seconds_per(Term::link_bytes_per_second);
  }
  if (boundary == Boundary::system)
    times.host_link_seconds_per_byte = seconds_per(Term::host_link_bytes_per_second);
  auto timed = unit_pipelines_;
  for (auto& pipeline : timed) {
    pipeline.program_seconds *= times.write_seconds_per_row;
    if (boundary != Boundary::device) pipeline.samples_held = turns_held_;
    for (auto& stage : pipeline.stages) {
      stage.link_seconds *= times.link_seconds_per_byte;
      stage.host_seconds *= times.host_link_seconds_per_byte;
      stage.tile_seconds *= times.product;
      stage.dac_seconds *= times.dac;
      stage.adc_seconds *= times.adc;
      stage.held_seconds *= times.adc;
      stage.column_seconds *= times.columns;
      stage.shared_seconds *= times.seconds_per_flop;
    }
  }
  return timed;
}

/// Parts of a sample, static power of `copies` copies being charged for `charged` seconds of it.
void Case::account(LineNumbers& line, Boundary boundary, double charged, double copies,
                   std::int64_t batch, Numbers const& numbers) const {
  line.parts.fill(absent);
  auto const samples = static_cast<double>(batch);
  auto put = [&](Part part, double joules) {
    if (boundary_of(part) <= boundary) line.parts[static_cast<std::size_t>(part)] = joules;
  };
  // a product that packed samples do not fill takes its whole energy
  auto const products = tiles_.tile_products() * static_cast<double>(tiles_.samples_per_product) *
                        static_cast<double>(tiles_.turns(batch)) / samples;
  auto const& joules = numbers.tile.joules;
  auto analog = [&](Part part, Component component) {
    bool const is_there =
        mode_.has_laws() ? covers(mode_, component) : component == Component::tile;
    if (is_there) put(part, products * joules[index(component)]);
  };
  analog(Part::mvm, Component::tile);
  analog(Part::array, Component::array);
  analog(Part::dac, Component::dac);
  analog(Part::adc, Component::adc);

  auto const flops = static_cast<double>(work_.flops);
  auto const heavy = flops > 0 ? flops * numbers[Term::digital_joules_per_flop] : 0.0;
  auto const columns = digital_is_covered_ ? products * joules[index(Component::digital)]
                                           : static_cast<double>(work_.outputs) *
                                                 numbers[Term::digital_joules_per_output];
  put(Part::digital, columns + heavy);
  put(Part::links, links_are_covered_ ? products * joules[index(Component::links)]
                                      : static_cast<double>(work_.link_bytes) *
                                            numbers[Term::link_joules_per_byte]);
  auto const tiles = static_cast<double>(tiles_.tiles()) * copies;
  put(Part::static_power, tiles * numbers[Term::static_watts_per_tile] * charged);

  double positions = 0;
  for (auto const& layer : tiles_.layers)
    positions += static_cast<double>(layer.weights() * layer.replicas * tiles_.samples_per_product);
  auto const writing = positions * copies * numbers[Term::write_joules_per_weight];
  // weights that take turns are written for every batch, others once for all inferences
  put(Part::programming, tiles_.rounds > 1 ? writing / samples : writing / workload_.inferences);
  put(Part::calibration, tiles * static_cast<double>(chip_.tile_rows) *
                             numbers.tile.device_joules() * charged /
                             numbers[Term::calibration_interval_seconds]);
  put(Part::host_link,
      static_cast<double>(work_.host_bytes) * numbers[Term::host_link_joules_per_byte]);
  put(Part::host_idle, numbers[Term::host_idle_watts] * numbers[Term::host_share] * charged);
}

Outcome Case::at(Pick const& pick) const {
  Numbers numbers;
  numbers.tile = tile_figures(chip_, mode_, pick);
  for (std::size_t k = 0; k < term_count; ++k) numbers.terms[k] = term(static_cast<Term>(k), pick);
  auto const largest = std::max<std::int64_t>(
      1, *std::max_element(workload_.batches.begin(), workload_.batches.end()));

  Outcome result;
  result.product = numbers.tile.seconds;
  std::array<Latencies, 3> latencies;
  bool const has_host_link = !std::isnan(numbers[Term::host_link_bytes_per_second]);
  for (std::size_t k = 0; k < (has_host_link ? 3 : 2); ++k) {
    auto& here = latencies[k];
    here.pipelines = pipelines_at(pick, all_boundaries[k]);
    if (k == 1 && tiles_alone(here.pipelines)) {
      here.of = latencies[0].of;
      result.interval = result.interval_device;
      continue;
    }
    for (auto const& pipeline : here.pipelines) {
      if (k < 2) (k == 0 ? result.interval_device : result.interval) += interval(pipeline);
      here.of.emplace_back(pipeline, largest);
    }
  }
  auto const copies = workload_.copies, together = tiles_.samples_per_product;
  result.fill = latencies[1](1) - result.interval;
  result.interval_device /= static_cast<double>(copies * together);
  result.interval /= static_cast<double>(copies * together);
  auto const link = or_zero(numbers[Term::host_link_seconds]);
  auto latency = [&](std::size_t boundary, std::int64_t batch) {
    auto const& queued = latencies[has_host_link ? boundary : std::min<std::size_t>(boundary, 1)];
    auto const inside =
        batch < together
            ? queued.in_part(static_cast<double>(batch) / static_cast<double>(together))
            : queued((tiles_.turns(batch) + copies - 1) / copies);
    return inside + (boundary == 2 ? link : 0.0);
  };
  for (auto batch : workload_.batches) {
    auto& lines = result.batches.emplace_back();
    for (std::size_t k = 0; k < all_boundaries.size(); ++k) {
      lines[k].latency = latency(k, batch);
      lines[k].seconds_per_sample = lines[k].latency / static_cast<double>(batch);
      account(lines[k], all_boundaries[k], lines[k].seconds_per_sample, static_cast<double>(copies),
              batch, numbers);
    }
  }
  result.programming_joules =
      static_cast<double>(tiles_.weights()) * numbers[Term::write_joules_per_weight];
  result.writing_seconds = static_cast<double>(tiles_.rounds) *
                           static_cast<double>(chip_.tile_rows) *
                           numbers[Term::write_seconds_per_row];
  if (!(workload_.rate_hz > 0)) return result;
  constexpr double rounding = 1e-12;  // an interval that equals the spacing needs one copy
  auto const middle = Pick{};
  double step = 0;  // copies are bought once: for the value of the interval, not for its ends
  for (auto const& pipeline : pipelines_at(middle, Boundary::chip)) step += interval(pipeline);
  step /= static_cast<double>(together);
  // packed samples wait until the last of their turn has arrived
  auto const wait = static_cast<double>(together - 1) / workload_.rate_hz;
  result.replicas = std::max(1.0, std::ceil(step * workload_.rate_hz * (1 - rounding)));
  for (std::size_t k = 0; k < all_boundaries.size(); ++k) {
    result.at_rate[k].latency = wait + latency(k, together);
    result.at_rate[k].seconds_per_sample = 1 / workload_.rate_hz;
    account(result.at_rate[k], all_boundaries[k], 1 / workload_.rate_hz, result.replicas, together,
            numbers);
  }
  return result;
}

std::vector<std::string> Case::figures() const {
  std::vector<std::string> names;
  auto const prefix = chip_.name + "/" + mode_.name + "/";
  if (!mode_.has_laws()) names = {prefix + "throughput", prefix + "efficiency"};
  for (auto const& law : mode_.time) names.push_back(prefix + "time/" + law.name);
  for (auto const& law : mode_.energy) names.push_back(prefix + "energy/" + law.name);
  for (auto const& law : term_laws())
    if (terms_[law.term].present() && law.term != Term::endurance_writes)
      names.emplace_back(law.name);
  return names;
}

std::string Case::missing(Boundary boundary) const {
  auto terms = terms_;
  auto given = [&](Term which) { terms[which].kind = core::Kind::modelled; };
  if (digital_is_covered_)
    given(Term::digital_joules_per_output), given(Term::digital_seconds_per_layer);
  if (links_are_covered_) given(Term::link_joules_per_byte);
  return terms.missing(boundary, work_.flops > 0 ? Need::digital_work : Need::always);
}

core::Kind Case::kind(Part part) const {
  auto of = [&](Term which) { return terms_[which].kind; };
  auto const analog = [&] {
    auto kind = core::Kind::modelled;
    for (auto const& law : mode_.energy) kind = core::worst(kind, law.constant.kind);
    return mode_.has_laws() ? kind : mode_.efficiency.kind;
  }();
  switch (part) {
    case Part::mvm:
    case Part::array:
    case Part::dac:
    case Part::adc: return analog;
    case Part::digital: {
      auto const columns = digital_is_covered_ ? analog : of(Term::digital_joules_per_output);
      return work_.flops > 0 ? core::worst(columns, of(Term::digital_joules_per_flop)) : columns;
    }
    case Part::links: return links_are_covered_ ? analog : of(Term::link_joules_per_byte);
    case Part::static_power: return of(Term::static_watts_per_tile);
    case Part::programming: return of(Term::write_joules_per_weight);
    case Part::calibration: return of(Term::calibration_interval_seconds);
    case Part::host_link: return of(Term::host_link_joules_per_byte);
    case Part::host_idle: return core::worst(of(Term::host_idle_watts), of(Term::host_share));
  }
  return core::Kind::absent;
}

}  // namespace crossjoule::aimc
