// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "meter/powercap.hpp"
#include "meter/tree.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace crossjoule::meter::detail {

/// One decimal number in a file of /sys: a counter in quanta, or a power in units of `scale_watt`.
class FileSensor : public Sensor {
 public:
  FileSensor(SensorInfo info, int descriptor, double scale_watt = 1e-6)
      : Sensor(std::move(info)), file_(descriptor), scale_watt_(scale_watt) {}
  std::optional<Reading> read() override {
    auto const number = file_.read_number();
    if (!number) return {};
    if (info().source == Source::counter) return Reading{*number, 0};
    return Reading{0, static_cast<double>(*number) * scale_watt_};
  }

 private:
  OpenFile file_;
  double scale_watt_;
};

inline Status status_of(int error_number) {
  return error_number == EACCES || error_number == EPERM ? Status::denied : Status::absent;
}

/// Opens the file of `info.path` and files it under `found`; denied or vanished files leave a row
/// with `advice`.
inline void open_file(Tree const& tree, SensorInfo info, Found& found, std::string const& advice,
                      double scale_watt = 1e-6) {
  ProbeRow row{info.backend, info.id, tree.at(info.path).string(), Status::ok, 0, "not used", ""};
  describe(info, row);
  int const descriptor = tree.open(info.path);
  info.path = row.path;
  if (descriptor < 0) {
    row.status = status_of(-descriptor), row.error_number = -descriptor, row.advice = advice;
  } else {
    found.sensors.push_back(std::make_shared<FileSensor>(std::move(info), descriptor, scale_watt));
  }
  found.rows.push_back(std::move(row));
}

}  // namespace crossjoule::meter::detail
