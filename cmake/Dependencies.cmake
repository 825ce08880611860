# SPDX-License-Identifier: BSD-3-Clause
# Everything we link, found once. Kokkos stays with the targets that name crossjoule::kokkos.
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)

set(HDF5_PREFER_PARALLEL ${CROSSJOULE_MPI})
find_package(HDF5 REQUIRED COMPONENTS C)
if(CROSSJOULE_MPI)
  find_package(MPI REQUIRED COMPONENTS C)
endif()

if(CROSSJOULE_BENCH)  # what our products are timed beside; nothing else links it
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
endif()
if(CROSSJOULE_TESTS)
  find_package(GTest QUIET)
endif()
if(CROSSJOULE_BENCH)
  find_package(benchmark REQUIRED)
endif()

# Without separable_compilation a CUDA-enabled Kokkos would put its compiler launcher before every
# target's compiler; Targets.cmake hands it to those that see Kokkos.
find_package(Kokkos REQUIRED COMPONENTS separable_compilation)
include(MendKokkos)
if(CROSSJOULE_CUDA AND NOT Kokkos_ENABLE_CUDA)
  message(FATAL_ERROR "Kokkos in ${Kokkos_DIR} has no CUDA (CROSSJOULE_CUDA asks for it) point "
                      "Kokkos_ROOT at one that has, or leave CROSSJOULE_CUDA off")
endif()
add_library(crossjoule_kokkos INTERFACE)
add_library(crossjoule::kokkos ALIAS crossjoule_kokkos)
set_target_properties(crossjoule_kokkos PROPERTIES EXPORT_NAME kokkos)
target_link_libraries(crossjoule_kokkos INTERFACE Kokkos::kokkos)

# Versions for the records (core/version.hpp) and the summary.
get_target_property(kokkos_folders Kokkos::kokkos INTERFACE_INCLUDE_DIRECTORIES)
find_file(kokkos_header KokkosCore_config.h PATHS ${kokkos_folders} ${Kokkos_INCLUDE_DIRS}
          ${Kokkos_DIR}/../../../include NO_DEFAULT_PATH NO_CACHE)
set(CROSSJOULE_KOKKOS_VERSION unknown)
if(kokkos_header)
  file(STRINGS ${kokkos_header} kokkos_line REGEX "define KOKKOS_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" kokkos_number "${kokkos_line}")
  math(EXPR kokkos_major "${kokkos_number} / 10000")
  math(EXPR kokkos_minor "${kokkos_number} / 100 % 100")
  math(EXPR kokkos_patch "${kokkos_number} % 100")
  set(CROSSJOULE_KOKKOS_VERSION ${kokkos_major}.${kokkos_minor}.${kokkos_patch})
endif()
string(REPLACE ";" " " CROSSJOULE_KOKKOS_DEVICES "${Kokkos_DEVICES}")

# The Python of tests and reports: the system's, or the virtual environment that ./run makes.
find_program(CROSSJOULE_PYTHON NAMES python3 python
             PATHS ${CMAKE_CURRENT_SOURCE_DIR}/.venv/bin /usr/bin NO_DEFAULT_PATH)
find_program(CROSSJOULE_PYTHON NAMES python3 python)
mark_as_advanced(CROSSJOULE_PYTHON)
set(CROSSJOULE_PYTHON_MISSING "")
if(CROSSJOULE_PYTHON)
  foreach(module h5py numpy matplotlib xarray pandas pytest)
    execute_process(COMMAND ${CROSSJOULE_PYTHON} -c
                    "import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)"
                    RESULT_VARIABLE absent OUTPUT_QUIET ERROR_QUIET)
    if(absent)
      list(APPEND CROSSJOULE_PYTHON_MISSING ${module})
    endif()
  endforeach()
endif()
