// SPDX-License-Identifier: BSD-3-Clause
// Preloaded by the tests of the asan-ubsan preset: modules stay loaded to the end. Open MPI unloads
// its components; what their static tables point to would then count as leaked, with stacks that
// name no module, which no suppression matches.
extern "C" int dlclose(void*) { return 0; }
