# SPDX-License-Identifier: BSD-3-Clause
# Parse once what nearly every file of a target includes: builds are shorter. Headers and
# sources still include what they use: tests/house compiles headers without this.
set(CROSSJOULE_COMMON_HEADERS <algorithm> <cmath> <cstdint> <filesystem> <functional> <limits> <map>
    <memory> <numeric> <optional> <span> <string> <string_view> <utility> <variant> <vector>
    <fmt/format.h>)
function(crossjoule_precompile target)
  if(NOT CROSSJOULE_PRECOMPILE OR Kokkos_ENABLE_CUDA)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${CROSSJOULE_COMMON_HEADERS} ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # ccache wants it
  endif()
endfunction()

# crossjoule_library(core SOURCES a.cpp … LINK crossjoule::x … PRIVATE y …): the target of a folder.
# The name of a folder below a folder joins them: crossjoule_library(runtime_plan …).
function(crossjoule_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(crossjoule_${name} STATIC ${ARG_SOURCES})
  add_library(crossjoule::${name} ALIAS crossjoule_${name})
  set_target_properties(crossjoule_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(crossjoule_${name} PUBLIC crossjoule::flags ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  crossjoule_compile_for_kokkos(crossjoule_${name} ${ARG_LINK} ${ARG_PRIVATE})
  if(ARG_LINK)  # without {fmt} there is little to gain
    crossjoule_precompile(crossjoule_${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY CROSSJOULE_LIBRARIES crossjoule_${name})
endfunction()

# With CUDA on, a target that links Kokkos is compiled by Kokkos' wrapper of nvcc; no other one is.
function(crossjoule_compile_for_kokkos target)
  if(Kokkos_ENABLE_CUDA AND "crossjoule::kokkos" IN_LIST ARGN)
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "")  # ccache would hide g++
    kokkos_compilation(TARGET ${target})
    # {fmt} 9 switches half of its constexpr off under nvcc, which C++20 then refuses
    target_compile_definitions(${target} PRIVATE FMT_USE_CONSTEXPR=1)
  endif()
endfunction()

# crossjoule_test(core SOURCES a_test.cpp … LINK crossjoule::core …): one binary per folder.
function(crossjoule_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name}_tests ${ARG_SOURCES})
  target_link_libraries(${name}_tests PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  crossjoule_compile_for_kokkos(${name}_tests ${ARG_LINK})
  crossjoule_precompile(${name}_tests <gtest/gtest.h>)
  # parameters by number: their bytes hold addresses, and would name a test anew in each run
  gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                       PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# crossjoule_mpi_test(runtime RANKS 1 2 3 SOURCES a_mpi_test.cpp … LINK …): one binary, run whole on
# each number of ranks; its main must start Comm::world(). Without MPI: on one rank.
function(crossjoule_mpi_test name)
  cmake_parse_arguments(ARG "" "" "RANKS;SOURCES;LINK" ${ARGN})
  add_executable(${name}_mpi_tests ${ARG_SOURCES})
  target_link_libraries(${name}_mpi_tests PRIVATE ${ARG_LINK} GTest::gtest)
  crossjoule_compile_for_kokkos(${name}_mpi_tests ${ARG_LINK})
  crossjoule_precompile(${name}_mpi_tests <gtest/gtest.h>)
  if(NOT CROSSJOULE_MPI)
    add_test(NAME ${name}_mpi.serial COMMAND ${name}_mpi_tests)
    set_tests_properties(${name}_mpi.serial PROPERTIES TIMEOUT 120 LABELS mpi)
    return()
  endif()
  foreach(ranks IN LISTS ARG_RANKS)
    add_test(NAME ${name}_mpi.${ranks} COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ranks}
                                               $<TARGET_FILE:${name}_mpi_tests>)
    set_tests_properties(${name}_mpi.${ranks} PROPERTIES TIMEOUT 120 LABELS mpi PROCESSORS ${ranks})
  endforeach()
endfunction()
