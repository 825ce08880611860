// SPDX-License-Identifier: BSD-3-Clause
#include "drivers/forecast_output.hpp"

#include "runtime/forecast/forecast_file.hpp"

namespace crossjoule::drivers {

using runtime::Channels;

void write_forecast_fields(Call const& call, ForecastSettings const& settings,
                           ForecastInputs const& inputs, ForecastCases const& done,
                           core::Comm const& comm) {
  if (inputs.saved.empty()) return;
  constexpr int tag = 41;
  auto const total = inputs.cases.size();
  if (!comm.is_root()) {
    for (auto const& fields : done.saved) comm.send(std::as_bytes(std::span(fields)), 0, tag);
    return;
  }
  auto const& files = inputs.source->files();
  runtime::ForecastAxes axes{.has_times = files.has_times(),
                             .leads_h = leads_h(settings, inputs),
                             .members = settings.ensemble.members,
                             .channels = inputs.source->channels(Channels::out),
                             .units = inputs.source->units(Channels::out),
                             .grid = inputs.source->grid()};
  for (auto const one : inputs.saved) {
    auto const step = inputs.cases.starts[static_cast<std::size_t>(one)];
    axes.starts_s.push_back(files.has_times() ? files.time_of(step) : step);
  }
  runtime::ForecastFile file(settings.fields_path, axes, call.overwrite);
  file.attribute("source", "crossjoule forecast, network " + settings.network.filename().string());
  auto const size = static_cast<std::size_t>(settings.ensemble.members * settings.steps *
                                             inputs.source->kept_size(Channels::out));
  std::size_t own = 0;
  std::vector<float> received;
  for (auto const one : inputs.saved) {
    int rank = 0;
    while (cases_of(total, rank, comm.size()).last <= one) ++rank;
    if (rank > 0) {
      received.resize(size);
      comm.receive(std::as_writable_bytes(std::span(received)), rank, tag);
    }
    file.add(rank > 0 ? received : done.saved[own++]);
  }
  file.commit();
}

void write_forecast_maps(core::H5File& file, ForecastInputs const& inputs,
                         ForecastCases const& done) {
  if (done.map_truth.empty()) return;
  auto const& grid = inputs.source->grid();
  std::vector<std::int64_t> const shape{
      static_cast<std::int64_t>(inputs.source->channels(Channels::out).size()), grid.rows,
      grid.columns};
  file.write<float>("/result/maps/forecast", done.map_forecast, shape,
                    {"channel", "the first case at its last lead (channel, lat, lon)"});
  file.write<float>("/result/maps/truth", done.map_truth, shape,
                    {"channel", "the fields at that time (channel, lat, lon)"});
  file.write_strings("/result/maps/channel", inputs.source->channels(Channels::out), "first axis");
  file.write_strings("/result/maps/unit", inputs.source->units(Channels::out), "of the channels");
  file.write("/result/maps/lat", grid.lat_degrees, {"degrees_north", "rows"});
  file.write("/result/maps/lon", grid.lon_degrees, {"degrees_east", "columns"});
  auto const steps = inputs.cases.steps_of(0);
  auto const start = inputs.cases.starts.front();
  file.attribute("/result/maps", "start", inputs.source->files().time_text(start));
  file.attribute("/result/maps", "lead_h",
                 static_cast<double>(steps * inputs.source->lead_seconds()) / 3600);
}

}  // namespace crossjoule::drivers
