# plumbline_library(NAME SOURCES... DEPENDS public... PRIVATE private...)
# One static library per folder; what is not linked cannot be included by accident for long.
function(plumbline_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC plumbline_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
endfunction()

# plumbline_test(NAME SOURCES... DEPENDS ... LABELS ...)
# A GoogleTest program, registered whole. Labels choose what tests/run executes; "unit" is the
# default and means hermetic: no root, no network, no services. One at a time with RUN_SERIAL when
# it needs root or services.
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
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(NOT "unit" IN_LIST ARG_LABELS)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
