// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/log_encode.h"

#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/field_encode.h"

namespace plumbline {
namespace {

using protozero::pbf_writer;

void add_view(pbf_writer& message, protozero::pbf_tag_type tag, std::string_view text) {
  message.add_string(tag, text.data(), text.size());
}

std::string_view severity_text(EventSeverity severity) {
  switch (severity) {
    case EventSeverity::kInfo:
      return "INFO";
    case EventSeverity::kWarning:
      return "WARN";
    case EventSeverity::kError:
      return "ERROR";
  }
  return {};
}

// Field numbers of opentelemetry.proto.logs.v1.LogRecord.
void add_record(pbf_writer& scope_logs, const Event& event) {
  pbf_writer record(scope_logs, 2);
  record.add_fixed64(1, event.time);
  record.add_uint32(2, static_cast<std::uint32_t>(event.severity));
  add_view(record, 3, severity_text(event.severity));
  {
    pbf_writer body(record, 5);
    add_text(body, 1, event.body);
  }
  add_fields(record, 6, event.attributes);
  if (event.trace) add_view(record, 9, event.trace.view());
  if (event.span) add_view(record, 10, event.span.view());
  record.add_fixed64(11, event.observed);
  add_text(record, 12, event.name);
}

}  // namespace

void encode_log(std::string_view resource,
                std::string_view scope,
                const Event& event,
                std::string& out) {
  pbf_writer request(out);
  pbf_writer resource_logs(request, 1);
  add_view(resource_logs, 1, resource);
  {
    pbf_writer scope_logs(resource_logs, 2);
    add_view(scope_logs, 1, scope);
    add_record(scope_logs, event);
    add_view(scope_logs, 3, kSchemaUrl);
  }
  add_view(resource_logs, 3, kSchemaUrl);
}

}  // namespace plumbline
