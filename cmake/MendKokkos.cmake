# SPDX-License-Identifier: BSD-3-Clause
# After find_package(Kokkos), here and in a project that uses our package: Debian's Kokkos::kokkos
# (Trilinos 13.2) names an include folder that does not exist, so that linking it fails.
get_target_property(kokkos_folders Kokkos::kokkos INTERFACE_INCLUDE_DIRECTORIES)
foreach(folder IN LISTS kokkos_folders)
  if(NOT folder MATCHES "^\\$" AND NOT EXISTS ${folder})
    set_target_properties(Kokkos::kokkos PROPERTIES
                          INTERFACE_INCLUDE_DIRECTORIES "${Kokkos_INCLUDE_DIRS}")
  endif()
endforeach()
