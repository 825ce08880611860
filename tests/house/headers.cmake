# SPDX-License-Identifier: BSD-3-Clause
# Each header compiles alone and is guarded. One whose source includes it first is proved by that source;
# any other gets a source of its own here, which includes it twice: with Kokkos where the header takes
# Kokkos Views, without it elsewhere, so that what the rest of the tree includes stays free of Kokkos.
file(GLOB_RECURSE headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/core/*.hpp ${CMAKE_SOURCE_DIR}/kernels/*.hpp ${CMAKE_SOURCE_DIR}/models/*.hpp
     ${CMAKE_SOURCE_DIR}/meter/*.hpp ${CMAKE_SOURCE_DIR}/runtime/*.hpp ${CMAKE_SOURCE_DIR}/aimc/*.hpp
     ${CMAKE_SOURCE_DIR}/sim/*.hpp ${CMAKE_SOURCE_DIR}/drivers/*.hpp)

# The headers that reach kernels/kokkos.hpp, directly or through another header.
set(with_kokkos kernels/kokkos.hpp)
set(grows TRUE)
while(grows)
  set(grows FALSE)
  foreach(header IN LISTS headers)
    if(NOT header IN_LIST with_kokkos)
      file(STRINGS ${CMAKE_SOURCE_DIR}/${header} includes REGEX "^#include \"")
      foreach(include IN LISTS includes)
        string(REGEX REPLACE "^#include \"([^\"]*)\".*" "\\1" include "${include}")
        if(include IN_LIST with_kokkos)
          list(APPEND with_kokkos ${header})
          set(grows TRUE)
          break()
        endif()
      endforeach()
    endif()
  endforeach()
endwhile()

set(plain_sources "")
set(kokkos_sources "")
set(detail_sources "")
foreach(header IN LISTS headers)
  file(STRINGS ${CMAKE_SOURCE_DIR}/${header} guard REGEX "^#pragma once" LIMIT_COUNT 1)
  if(NOT guard)
    message(FATAL_ERROR "${header}: no #pragma once")
  endif()
  string(REGEX REPLACE "hpp$" "cpp" source ${CMAKE_SOURCE_DIR}/${header})
  if(EXISTS ${source})
    file(STRINGS ${source} first REGEX "^#include" LIMIT_COUNT 1)
    if(first STREQUAL "#include \"${header}\"")
      continue()
    endif()
  endif()
  string(REPLACE "/" "_" file ${header})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/alone/${file}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
  if(header IN_LIST with_kokkos)
    list(APPEND kokkos_sources ${source})
  elseif(header MATCHES "/detail/")
    list(APPEND detail_sources ${source})
  else()
    list(APPEND plain_sources ${source})
  endif()
endforeach()

add_library(house_headers OBJECT ${plain_sources})
target_link_libraries(house_headers PRIVATE crossjoule::flags fmt::fmt)
target_compile_options(house_headers PRIVATE -O0)
if(detail_sources)  # not part of the interface: these may see libraries
  add_library(house_headers_detail OBJECT ${detail_sources})
  target_link_libraries(house_headers_detail PRIVATE crossjoule::flags fmt::fmt hdf5::hdf5
                        tomlplusplus::tomlplusplus $<TARGET_NAME_IF_EXISTS:MPI::MPI_C>)
  target_compile_options(house_headers_detail PRIVATE -O0)
endif()
if(kokkos_sources)
  add_library(house_headers_kokkos OBJECT ${kokkos_sources})
  target_link_libraries(house_headers_kokkos PRIVATE crossjoule::flags fmt::fmt crossjoule::kokkos)
  target_compile_options(house_headers_kokkos PRIVATE -O0)
  crossjoule_compile_for_kokkos(house_headers_kokkos crossjoule::kokkos)
endif()

# Twins: the same compile line refuses a header that leans on its includer, or that cannot stand twice.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/twin/sound.hpp "#pragma once\ninline int one() { return 1; }\n")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/twin/leans.hpp "#pragma once\ninline std::string word();\n")
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/twin/unguarded.hpp "inline int one() { return 1; }\n")
foreach(twin sound leans unguarded)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/twin/${twin}.cpp)
  file(WRITE ${source} "#include \"${twin}.hpp\"\n#include \"${twin}.hpp\"\n")
  add_test(NAME house.header_twin_${twin}
           COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only ${source})
  set_tests_properties(house.header_twin_${twin} PROPERTIES TIMEOUT 60 LABELS unit)
endforeach()
set_tests_properties(house.header_twin_leans house.header_twin_unguarded PROPERTIES WILL_FAIL TRUE)
