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

# A Kokkos with CUDA asks the linker for -arch=sm_XX, which only nvcc knows. There is no relocatable
# device code to link, so that the plain C++ compiler can link everything: it needs the runtime alone.
if(Kokkos_ENABLE_CUDA)
  find_package(CUDAToolkit REQUIRED)
  foreach(target kokkos kokkoscore kokkoscontainers kokkosalgorithms kokkossimd)
    if(TARGET Kokkos::${target})
      set_target_properties(Kokkos::${target} PROPERTIES INTERFACE_LINK_OPTIONS "")
    endif()
  endforeach()
  target_link_libraries(Kokkos::kokkos INTERFACE CUDA::cudart)
endif()
