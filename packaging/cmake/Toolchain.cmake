# Compiler settings for every target of ours. Options here concern the toolchain, never features.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

set(PLUMBLINE_SANITIZE "" CACHE STRING "address,undefined or thread")
option(PLUMBLINE_FUZZ "build the libFuzzer targets (clang)" OFF)
option(PLUMBLINE_PCH "read what most files include once for all (clang)" OFF)
option(PLUMBLINE_COVERAGE "instrument for gcov" OFF)
option(PLUMBLINE_TESTS "build the tests" ON)

# A precompiled header serves only what has its flags, and CMake's differ between libraries (-fPIC) and
# programs (-fPIE); with neither, Debian's compilers make everything fit for a program.
if(NOT PLUMBLINE_PCH)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(launcher ${CCACHE})
  if(PLUMBLINE_PCH) # it keeps nothing of such compilations unless told not to look too closely
    set(launcher env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime ${CCACHE})
  endif()
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(plumbline_options INTERFACE)
target_include_directories(plumbline_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(plumbline_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
  -Wno-missing-field-initializers) # designated initialisers leave out what has a default
target_compile_definitions(plumbline_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)

if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT PLUMBLINE_SANITIZE)
  target_compile_options(plumbline_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -fstack-protector-strong -ffunction-sections -fdata-sections)
  target_compile_definitions(plumbline_options INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(plumbline_options INTERFACE -Wl,-z,relro,-z,now -Wl,--gc-sections)
endif()
# With another compiler than before CMake begins a new cache and forgets what the preset said.
if(CMAKE_BINARY_DIR MATCHES "/(asan|tsan|fuzz)$" AND NOT PLUMBLINE_SANITIZE)
  message(FATAL_ERROR "${CMAKE_BINARY_DIR} lost its preset's settings: remove it and configure again")
endif()
if(PLUMBLINE_SANITIZE)
  target_compile_options(plumbline_options INTERFACE
    -fsanitize=${PLUMBLINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    -g1) # the lines that a report names, not the variables
  target_link_options(plumbline_options INTERFACE -fsanitize=${PLUMBLINE_SANITIZE})
  if(PLUMBLINE_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(plumbline_options INTERFACE -Wno-tsan) # Boost uses fences
  endif()
endif()
if(PLUMBLINE_PCH)
  target_compile_options(plumbline_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp") # for ccache
endif()
if(PLUMBLINE_FUZZ)
  target_compile_options(plumbline_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(PLUMBLINE_COVERAGE)
  target_compile_options(plumbline_options INTERFACE --coverage)
  target_link_options(plumbline_options INTERFACE --coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(plumbline_options INTERFACE -fuse-ld=gold) # many test programs: half the time
endif()
