/* SPDX-License-Identifier: BSD-3-Clause */
/* The energy meter for C, and for Fortran through iso_c_binding: link libcrossjoule_meter.so.
 *
 *   crossjoule_meter* meter = crossjoule_begin();
 *   crossjoule_push(meter, "train");
 *   work();
 *   crossjoule_pop(meter);
 *   crossjoule_reading total;
 *   if (crossjoule_read(meter, &total) == 0) printf("%g J\n", total.joule);
 *   crossjoule_write(meter, "energy.h5");
 *   crossjoule_close(meter);
 *
 * Functions that return int return 0 on success, else an exit code of the command `crossjoule`;
 * crossjoule_error() then tells why. No function calls MPI: on a node with several ranks one of them
 * reads the sensors, in the others every figure is absent and crossjoule_write does nothing. */
#ifndef CROSSJOULE_METER_H
#define CROSSJOULE_METER_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct crossjoule_meter crossjoule_meter;

/* Where a figure comes from, best first. */
enum { CROSSJOULE_COUNTER = 0, CROSSJOULE_SAMPLED, CROSSJOULE_MODELLED, CROSSJOULE_ASSUMED, CROSSJOULE_ABSENT };

/* Energy of the whole node since begin: the value with its interval (coverage factor 2), in J. All
 * three are NaN where kind is CROSSJOULE_ABSENT. */
typedef struct crossjoule_reading {
  double joule, low, high;
  double second;   /* since begin */
  double coverage; /* share of the time between good neighbouring readings, 0 to 1 */
  int kind;
  int is_reader;   /* this process reads its node's sensors */
} crossjoule_reading;

/* Probes the sensors and starts the meter; null on failure. */
crossjoule_meter* crossjoule_begin(void);
/* Opens a region. Names that are phases (init, data, train, inference, communication, checkpoint,
 * idle) are booked there. Costs about 100 ns. */
int crossjoule_push(crossjoule_meter* meter, char const* name);
/* Closes the innermost region. */
int crossjoule_pop(crossjoule_meter* meter);
/* Energy since begin, read now. */
int crossjoule_read(crossjoule_meter* meter, crossjoule_reading* reading);
/* Writes all so far as an HDF5 record, over an older one of this meter; may be called again. */
int crossjoule_write(crossjoule_meter* meter, char const* path);
/* Stops the meter and frees it; null does nothing. */
void crossjoule_close(crossjoule_meter* meter);
/* What went wrong last in this thread; "" for nothing. */
char const* crossjoule_error(void);

#ifdef __cplusplus
}
#endif
#endif
