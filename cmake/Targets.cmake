# SPDX-License-Identifier: BSD-3-Clause
# crossjoule_library(core SOURCES a.cpp … LINK crossjoule::x … PRIVATE y …): the target of a folder.
# The name of a folder below a folder joins them: crossjoule_library(runtime_plan …).
function(crossjoule_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(crossjoule_${name} STATIC ${ARG_SOURCES})
  add_library(crossjoule::${name} ALIAS crossjoule_${name})
  set_target_properties(crossjoule_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(crossjoule_${name} PUBLIC crossjoule::flags ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  crossjoule_compile_for_kokkos(crossjoule_${name} ${ARG_LINK} ${ARG_PRIVATE})
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
  gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# crossjoule_mpi_test(runtime RANKS 1 2 3 SOURCES a_mpi_test.cpp … LINK …): one binary, run whole on
# each number of ranks; its main must start Comm::world(). Without MPI: on one rank.
function(crossjoule_mpi_test name)
  cmake_parse_arguments(ARG "" "" "RANKS;SOURCES;LINK" ${ARGN})
  add_executable(${name}_mpi_tests ${ARG_SOURCES})
  target_link_libraries(${name}_mpi_tests PRIVATE ${ARG_LINK} GTest::gtest)
  crossjoule_compile_for_kokkos(${name}_mpi_tests ${ARG_LINK})
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
