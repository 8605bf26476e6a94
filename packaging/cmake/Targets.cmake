# Has the sources of a target of ours start from the common headers where those are precompiled; Asio
# is among them and asks for its compiled part.
function(use_common_headers name)
  if(PLUMBLINE_PCH)
    target_precompile_headers(${name} REUSE_FROM common_headers)
    target_link_libraries(${name} PRIVATE boost_net)
  endif()
endfunction()

# plumbline_library(NAME SOURCES... DEPENDS public... PRIVATE private...)
# One static library per folder; what is not linked cannot be included by accident for long.
function(plumbline_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC plumbline_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
  use_common_headers(${name})
endfunction()

# plumbline_test(NAME SOURCES... DEPENDS ... LABELS ...)
# A GoogleTest program, registered whole. Labels choose what tests/run executes; "unit" is the
# default and means hermetic: no root, no network, no services. "unit;threads" is one that starts
# threads, for the thread sanitizer. Alone (RUN_SERIAL) when it needs root or services.
function(plumbline_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE plumbline_options ${ARG_DEPENDS} test_support GTest::gtest_main GTest::gmock)
  use_common_headers(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if("unit" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${name})
  else()
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(threaded_tests ${name})
  endif()
endfunction()

# plumbline_fuzz(NAME SOURCES... DEPENDS ...)
# Sources define LLVMFuzzerTestOneInput. In every preset this is a unit test with a case for each
# file in tests/fuzz/corpus/NAME, so that what was once found stays found; where PLUMBLINE_FUZZ is
# on, the same objects are also a libFuzzer program, build/PRESET/fuzz/NAME.
function(plumbline_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name}_target OBJECT ${ARG_SOURCES})
  target_link_libraries(${name}_target PUBLIC plumbline_options ${ARG_DEPENDS})
  add_executable(${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cc)
  target_compile_definitions(${name} PRIVATE CORPUS="${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  target_link_libraries(${name} PRIVATE ${name}_target GTest::gtest)
  use_common_headers(${name}_target)
  use_common_headers(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 120)
  add_dependencies(unit_tests ${name})
  if(PLUMBLINE_FUZZ)
    add_executable(${name}_explorer)
    target_link_libraries(${name}_explorer PRIVATE ${name}_target)
    target_link_options(${name}_explorer PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name}_explorer PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME ${name}
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(fuzzers ${name}_explorer)
  endif()
endfunction()

# plumbline_bench(NAME SOURCES... DEPENDS ...)
# A Google Benchmark program, build/PRESET/bench/NAME. Figures come from the bench preset, by hand;
# its ctest entry only proves that it runs, since a time on a shared machine is no test.
function(plumbline_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE plumbline_options ${ARG_DEPENDS} benchmark::benchmark_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  add_dependencies(benchmarks ${name})
  add_test(NAME ${name} COMMAND ${name} --benchmark_min_time=0.001)
  set_tests_properties(${name} PROPERTIES LABELS bench TIMEOUT 300)
endfunction()

# plumbline_script_test(NAME FILE.py LABELS ...)
# Python unittest cases that run the built program, against real servers or on the real kernel. The
# first run builds the servers, hence the long timeout.
function(plumbline_script_test name file)
  cmake_parse_arguments(ARG "" "" "LABELS" ${ARGN})
  add_test(NAME ${name} COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/support/cases.py ${name}
                                ${CMAKE_CURRENT_SOURCE_DIR}/${file}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 1500 RUN_SERIAL ON
                       ENVIRONMENT "PLUMBLINE=$<TARGET_FILE:plumbline>;PYTHONDONTWRITEBYTECODE=1")
endfunction()
