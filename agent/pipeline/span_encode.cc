// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/span_encode.h"

#include <algorithm>

#include <protozero/pbf_writer.hpp>

#include "agent/pipeline/encode.h"
#include "agent/pipeline/field_encode.h"

namespace plumbline {
namespace {

using protozero::pbf_writer;

void add_view(pbf_writer& message, protozero::pbf_tag_type tag, std::string_view bytes) {
  message.add_bytes(tag, bytes.data(), bytes.size());
}

// Field numbers of opentelemetry.proto.trace.v1.Span.Event.
void add_event(pbf_writer& span, const SpanEvent& event) {
  pbf_writer message(span, 11);
  message.add_fixed64(1, event.time);
  add_text(message, 2, event.name);
  add_fields(message, 3, event.attributes);
}

// Those of Span.Link.
void add_link(pbf_writer& span, const SpanLink& link) {
  pbf_writer message(span, 13);
  add_view(message, 1, link.trace.view());
  add_view(message, 2, link.span.view());
  add_fields(message, 4, link.attributes);
}

// Those of Status.
void add_status(pbf_writer& span, const Span& from) {
  if (from.status == SpanStatus::kUnset) return;
  pbf_writer message(span, 15);
  if (from.status == SpanStatus::kError) add_text(message, 2, from.status_message);
  message.add_enum(3, static_cast<std::int32_t>(from.status));
}

// Those of Span.
void add_span(pbf_writer& scope_spans, const Span& from) {
  pbf_writer span(scope_spans, 2);
  add_view(span, 1, from.trace.view());
  add_view(span, 2, from.id.view());
  add_text(span, 3, from.trace_state);
  if (from.parent) add_view(span, 4, from.parent.view());
  add_text(span, 5, from.name);
  span.add_enum(6, static_cast<std::int32_t>(from.kind));
  span.add_fixed64(7, from.start);
  span.add_fixed64(8, std::max(from.start, from.end));
  add_fields(span, 9, from.attributes);
  for (const auto& event : from.events) add_event(span, event);
  for (const auto& link : from.links) add_link(span, link);
  add_status(span, from);
}

}  // namespace

void encode_spans(std::string_view resource,
                  std::string_view scope,
                  std::span<const Span* const> spans,
                  std::string& out) {
  if (spans.empty()) return;
  pbf_writer request(out);
  pbf_writer resource_spans(request, 1);
  add_view(resource_spans, 1, resource);
  {
    pbf_writer scope_spans(resource_spans, 2);
    add_view(scope_spans, 1, scope);
    for (const auto* span : spans) add_span(scope_spans, *span);
    add_view(scope_spans, 3, kSchemaUrl);
  }
  add_view(resource_spans, 3, kSchemaUrl);
}

}  // namespace plumbline
