/* SPDX-License-Identifier: BSD-3-Clause */
/* The C interface as a C program uses it; exit status 0 if all is well. */
#include "meter/crossjoule_meter.h"

#include <stdio.h>
#include <string.h>

int main(int count, char** words) {
  int k;
  crossjoule_reading reading;
  crossjoule_meter* meter = crossjoule_begin();
  if (!meter || count != 2) return 1;
  for (k = 0; k < 1000; ++k)
    if (crossjoule_push(meter, k % 2 ? "train" : "my region") || crossjoule_pop(meter)) return 2;
  if (crossjoule_pop(meter) == 0 || strstr(crossjoule_error(), "no region") == NULL) return 3;
  if (crossjoule_read(meter, &reading) || !reading.is_reader) return 4;
  if (reading.kind != CROSSJOULE_ABSENT && !(reading.low <= reading.joule)) return 5;
  if (crossjoule_write(meter, words[1]) || crossjoule_write(meter, words[1])) return 6;
  if (crossjoule_read(meter, NULL) == 0 || crossjoule_push(NULL, "x") == 0) return 7;
  crossjoule_close(meter);
  crossjoule_close(NULL);
  printf("%g J in %g s\n", reading.joule, reading.second);
  return 0;
}
