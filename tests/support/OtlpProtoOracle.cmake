# otlp_proto_oracle: the OTLP messages (metrics, traces, logs and their collector services) as
# protobuf's own C++ classes. Tests judge our hand-written encoder and decoders by them; the agent
# never links protobuf. The definitions come from PyPI's opentelemetry-proto, installed into a
# virtual environment below the build tree. Include as
# "opentelemetry/proto/metrics/v1/metrics.pb.h".
set(OTLP_PROTO_VERSION 1.45.2)
find_package(Protobuf REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(otlp_dir ${CMAKE_BINARY_DIR}/otlp_proto)
set(otlp_venv ${otlp_dir}/venv)
set(otlp_descriptors ${otlp_dir}/otlp.fds)
add_custom_command(
  OUTPUT ${otlp_descriptors}
  COMMAND ${Python3_EXECUTABLE} -m venv ${otlp_venv}
  COMMAND ${otlp_venv}/bin/pip install --quiet --disable-pip-version-check
          opentelemetry-proto==${OTLP_PROTO_VERSION}
  COMMAND ${otlp_venv}/bin/python ${CMAKE_CURRENT_LIST_DIR}/otlp_descriptors.py ${otlp_descriptors}
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/otlp_descriptors.py
  COMMENT "OTLP descriptors of opentelemetry-proto ${OTLP_PROTO_VERSION}" VERBATIM)

set(otlp_protos)
set(otlp_sources)
set(otlp_headers)
foreach(proto common/v1/common resource/v1/resource metrics/v1/metrics trace/v1/trace logs/v1/logs
        collector/metrics/v1/metrics_service collector/trace/v1/trace_service
        collector/logs/v1/logs_service)
  list(APPEND otlp_protos opentelemetry/proto/${proto}.proto)
  list(APPEND otlp_sources ${otlp_dir}/opentelemetry/proto/${proto}.pb.cc)
  list(APPEND otlp_headers ${otlp_dir}/opentelemetry/proto/${proto}.pb.h)
endforeach()
add_custom_command(
  OUTPUT ${otlp_sources} ${otlp_headers}
  COMMAND protobuf::protoc --descriptor_set_in=${otlp_descriptors} --cpp_out=${otlp_dir} ${otlp_protos}
  DEPENDS ${otlp_descriptors}
  COMMENT "OTLP protobuf classes" VERBATIM)

# Generated code: neither our warnings nor the sanitizers are asked for it.
add_library(otlp_proto_oracle STATIC EXCLUDE_FROM_ALL ${otlp_sources} ${otlp_headers})
target_include_directories(otlp_proto_oracle SYSTEM PUBLIC ${otlp_dir})
target_link_libraries(otlp_proto_oracle PUBLIC protobuf::libprotobuf)
