# The target `libtorch`: headers, libraries and flags of the libtorch at Torch_DIR, the folder of its TorchConfig.cmake
# (1.13 or 2.x, CPU or CUDA). Its files are named one by one, because find_package(Torch) of a CUDA build asks for the
# CUDA toolkit, which nothing here needs.
get_filename_component(above "${Torch_DIR}" DIRECTORY)
get_filename_component(above "${above}" DIRECTORY) # <prefix>/share, or Debian's <prefix>/lib/<machine>
get_filename_component(prefix "${above}" DIRECTORY)
find_path(TORCH_INCLUDE ATen/ATen.h PATHS "${prefix}/include" "${prefix}/../include" NO_DEFAULT_PATH REQUIRED)

add_library(libtorch INTERFACE)
target_include_directories(libtorch SYSTEM INTERFACE "${TORCH_INCLUDE}" "${TORCH_INCLUDE}/torch/csrc/api/include")
# CUDA kernels register themselves when their library loads; no symbol of theirs is named here.
target_link_options(libtorch INTERFACE -Wl,--no-as-needed)
foreach(name torch torch_cpu c10 torch_cuda c10_cuda)
  find_library(LIBRARY_${name} ${name} PATHS "${prefix}/lib" "${above}" NO_DEFAULT_PATH)
  if(LIBRARY_${name})
    target_link_libraries(libtorch INTERFACE "${LIBRARY_${name}}")
  elseif(NOT name MATCHES cuda)
    message(FATAL_ERROR "expected lib${name}.so in ${prefix}/lib or ${above}")
  endif()
endforeach()

# The C++ ABI that this libtorch was built with, where its configuration says so, and the standard its headers ask for.
file(STRINGS "${Torch_DIR}/TorchConfig.cmake" abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
string(REGEX MATCH "_GLIBCXX_USE_CXX11_ABI=[01]" abi "${abi}")
file(STRINGS "${TORCH_INCLUDE}/ATen/ATen.h" standard REGEX "#error C\\+\\+[0-9]+")
string(REGEX REPLACE ".*C\\+\\+([0-9]+).*" "\\1" standard "${standard}")
if(NOT standard GREATER 17)
  set(standard 17)
endif()
target_compile_definitions(libtorch INTERFACE ${abi})
target_compile_features(libtorch INTERFACE cxx_std_${standard})
message(STATUS "libtorch of ${prefix}: C++${standard} ${abi}, CUDA library ${LIBRARY_torch_cuda}")
