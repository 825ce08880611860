// SPDX-License-Identifier: BSD-3-Clause
#include "core/error.hpp"
#include "core/record.hpp"
#include "meter/account.hpp"
#include "meter/crossjoule_meter.h"
#include "meter/meter.hpp"

#include <limits>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <unordered_map>

using namespace crossjoule;

/// A meter with the numbers of its regions and the files it has written.
struct crossjoule_meter {
  meter::Meter meter;
  std::mutex mutex;
  std::unordered_map<std::string, int> regions;
  std::set<std::string> written;
};

namespace {

thread_local std::string last_error;

/// No exception may pass into C.
template <class Call>
int guarded(Call&& call) {
  try {
    call();
    last_error.clear();
    return 0;
  } catch (core::Error const& error) {
    last_error = error.what();
    return static_cast<int>(error.code());
  } catch (std::exception const& error) {
    last_error = error.what();
    return static_cast<int>(core::ExitCode::internal);
  }
}

void require(crossjoule_meter const* meter, void const* argument) {
  VALIDATE(meter && argument, "null handed to the meter (begin failed?) check crossjoule_begin");
}

}  // namespace

extern "C" {

crossjoule_meter* crossjoule_begin(void) {
  crossjoule_meter* made = nullptr;
  guarded([&] { made = new crossjoule_meter{meter::Meter(), {}, {}, {}}; });
  return made;
}

int crossjoule_push(crossjoule_meter* meter, char const* name) {
  return guarded([&] {
    require(meter, name);
    int region = 0;
    {
      std::lock_guard const guard(meter->mutex);
      auto const known = meter->regions.find(name);
      region = known != meter->regions.end() ? known->second
                                             : meter->meter.region(name, meter::phase_from(name));
      if (known == meter->regions.end() && meter->regions.size() < 65536)
        meter->regions.emplace(name, region);
    }
    meter->meter.push(region);
  });
}

int crossjoule_pop(crossjoule_meter* meter) {
  return guarded([&] {
    require(meter, meter);
    VALIDATE(meter->meter.pop(), "no region is open (one pop too many) pair push and pop");
  });
}

int crossjoule_read(crossjoule_meter* meter, crossjoule_reading* reading) {
  return guarded([&] {
    require(meter, reading);
    auto const energy = meter->meter.total();
    double const nothing = std::numeric_limits<double>::quiet_NaN();
    bool const is_there = energy.system.present();
    reading->joule = is_there ? energy.system.value.value : nothing;
    reading->low = is_there ? energy.system.low.value : nothing;
    reading->high = is_there ? energy.system.high.value : nothing;
    reading->second = energy.duration.value, reading->coverage = energy.coverage;
    reading->kind = static_cast<int>(energy.system.kind), reading->is_reader = energy.is_reader;
  });
}

int crossjoule_write(crossjoule_meter* meter, char const* path) {
  return guarded([&] {
    require(meter, path);
    if (!meter->meter.is_reader()) return;
    std::lock_guard const guard(meter->mutex);
    bool const is_ours = meter->written.count(path) > 0;
    core::Record record(path, "meter", core::Config(),
                        is_ours ? core::Overwrite::yes : core::Overwrite::no);
    meter->meter.write(record.file());
    record.commit();
    meter->written.insert(path);
  });
}

void crossjoule_close(crossjoule_meter* meter) { delete meter; }

char const* crossjoule_error(void) { return last_error.c_str(); }
}
