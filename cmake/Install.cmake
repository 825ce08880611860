# SPDX-License-Identifier: BSD-3-Clause
# `cmake --install`: the libraries, the headers under include/crossjoule, the chip files
# and the package; drivers/ adds the command. tests/install builds a scratch project against the result.
include(CMakePackageConfigHelpers)
get_property(libraries GLOBAL PROPERTY CROSSJOULE_LIBRARIES)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/crossjoule)

install(TARGETS crossjoule_flags crossjoule_kokkos ${libraries} EXPORT crossjoule
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder core models kernels meter runtime aimc sim)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/crossjoule
            FILES_MATCHING PATTERN "*.hpp" PATTERN "detail" EXCLUDE)
  endif()
endforeach()
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/aimc/chips)
  install(DIRECTORY aimc/chips DESTINATION ${CMAKE_INSTALL_DATADIR}/crossjoule
          FILES_MATCHING PATTERN "*.toml")
endif()
install(EXPORT crossjoule NAMESPACE crossjoule:: DESTINATION ${package_folder}
        FILE crossjouleTargets.cmake)
configure_package_config_file(cmake/crossjouleConfig.cmake.in crossjouleConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(crossjouleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/crossjouleConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/crossjouleConfigVersion.cmake
              cmake/MendKokkos.cmake
        DESTINATION ${package_folder})
