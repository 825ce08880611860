# SPDX-License-Identifier: BSD-3-Clause
# Options and compiler flags. One configuration: C++20, warnings on, no -ffast-math ever.
option(CROSSJOULE_MPI "Ranks over MPI (OFF: one rank)" ON)
option(CROSSJOULE_CUDA "Refuse a Kokkos without CUDA (OFF: CUDA where Kokkos has it)" OFF)
option(CROSSJOULE_TESTS "Build the tests where GoogleTest is found" ON)
option(CROSSJOULE_BENCH "Build the Google Benchmark binaries" OFF)
option(CROSSJOULE_NATIVE "Tune for this machine's CPU (-march=native); the record says so" ON)
option(CROSSJOULE_CONTRACTS "Check EXPECT contracts (on in debug builds)" OFF)
option(CROSSJOULE_PRECOMPILE "Precompile the headers that most files share" ON)
set(CROSSJOULE_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)  # a Kokkos or MPI outside the system folders is found again
include(GNUInstallDirs)

add_library(crossjoule_flags INTERFACE)
add_library(crossjoule::flags ALIAS crossjoule_flags)
set_target_properties(crossjoule_flags PROPERTIES EXPORT_NAME flags)
target_compile_features(crossjoule_flags INTERFACE cxx_std_20)
target_include_directories(crossjoule_flags INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/crossjoule>)
target_compile_options(crossjoule_flags INTERFACE
  $<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-unknown-pragmas>>)
set(CROSSJOULE_HOST_TUNING generic)
if(CROSSJOULE_NATIVE)
  set(CROSSJOULE_HOST_TUNING native)
  target_compile_options(crossjoule_flags INTERFACE
    $<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-march=native>>)
endif()
if(CROSSJOULE_CONTRACTS OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(crossjoule_flags INTERFACE $<BUILD_INTERFACE:CROSSJOULE_CONTRACTS>)
endif()
if(CROSSJOULE_SANITIZE)
  # the first finding ends a test: a report that scrolls by is a report nobody reads
  add_compile_options(-fsanitize=${CROSSJOULE_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${CROSSJOULE_SANITIZE})
endif()
find_program(CROSSJOULE_CCACHE ccache)
mark_as_advanced(CROSSJOULE_CCACHE)
if(CROSSJOULE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CROSSJOULE_CCACHE})
endif()
