# SPDX-License-Identifier: BSD-3-Clause
# cmake -D BUILD=… -D SOURCE=… -D WORK=… -D VERSION=… -P install_test.cmake
function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(status)
    message(FATAL_ERROR "${what} failed:\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
step(install ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
step(configure ${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${WORK}/build -D CMAKE_BUILD_TYPE=Release
     -D CMAKE_PREFIX_PATH=${WORK}/prefix -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_C_COMPILER=${C}
     -D CROSSJOULE_VERSION=${VERSION} -D Kokkos_DIR=${KOKKOS})
step(build ${CMAKE_COMMAND} --build ${WORK}/build)
step(run ${WORK}/build/scratch)
if(NOT text MATCHES "svdd [0-9]+ parameters")
  message(FATAL_ERROR "the scratch program printed: ${text}")
endif()
if(EXISTS ${WORK}/prefix/bin/crossjoule)
  step("installed command" ${WORK}/prefix/bin/crossjoule --version)
endif()
file(REMOVE_RECURSE ${WORK})
