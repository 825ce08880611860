// SPDX-License-Identifier: BSD-3-Clause
#include "sim/world/events/process.hpp"

#include "core/error.hpp"

#include <fmt/ranges.h>

namespace crossjoule::sim::events {

std::string_view to_string(Process process) {
  switch (process) {
    case Process::w: return "w";
    case Process::multijet: return "multijet";
    case Process::z: return "z";
    case Process::ttbar: return "ttbar";
    case Process::a4l: return "a4l";
    case Process::htautau: return "htautau";
    case Process::hplus: return "hplus";
    case Process::leptoquark: return "leptoquark";
  }
  core::fail(core::ExitCode::internal, "process {} has no name", static_cast<int>(process));
}

Process Mixture::pick(Draw& draw) const {
  if (parts.size() == 1) return parts.front().process;
  double total = 0;
  for (auto const& part : parts) total += part.share;
  double left = draw.flat() * total;
  for (auto const& part : parts)
    if ((left -= part.share) < 0) return part.process;
  return parts.back().process;
}

Mixture background() {
  return {"background",
          {{Process::w, 0.592},
           {Process::multijet, 0.338},
           {Process::z, 0.067},
           {Process::ttbar, 0.003}}};
}

std::vector<std::string> mixture_names() {
  std::vector<std::string> names = {"background"};
  for (Process process : all_processes) names.emplace_back(to_string(process));
  return names;
}

Mixture mixture_from(std::string_view name) {
  if (name == "background") return background();
  for (Process process : all_processes)
    if (to_string(process) == name) return {std::string(name), {{process, 1}}};
  core::fail(core::ExitCode::bad_input,
             "process \"{}\" (there is none of this name) choose one of {}", name,
             fmt::join(mixture_names(), ", "));
}

void make_hard_event(Process process, Draw& draw, HardEvent& event) {
  event.clear();
  switch (process) {
    case Process::w: return make_w(draw, event);
    case Process::multijet: return make_multijet(draw, event);
    case Process::z: return make_z(draw, event);
    case Process::ttbar: return make_ttbar(draw, event);
    case Process::a4l: return make_a4l(draw, event);
    case Process::htautau: return make_htautau(draw, event);
    case Process::hplus: return make_hplus(draw, event);
    case Process::leptoquark: return make_leptoquark(draw, event);
  }
}

}  // namespace crossjoule::sim::events
