// SPDX-License-Identifier: Apache-2.0
// The messages of opentelemetry/proto, version 1, as tables of their fields.
#include "agent/pipeline/otlp_fields.h"

namespace plumbline::otlp {
namespace {

Table any_value();
Table key_value();

Table array_value() {
  static constexpr FieldRow kRows[] = {{1, "values", Type::kMessage, Count::kMany, any_value}};
  return kRows;
}
Table key_value_list() {
  static constexpr FieldRow kRows[] = {{1, "values", Type::kMessage, Count::kMany, key_value}};
  return kRows;
}
Table any_value() {
  static constexpr FieldRow kRows[] = {
      {1, "stringValue", Type::kText},
      {2, "boolValue", Type::kBool},
      {3, "intValue", Type::kInt64},
      {4, "doubleValue", Type::kDouble},
      {5, "arrayValue", Type::kMessage, Count::kOne, array_value},
      {6, "kvlistValue", Type::kMessage, Count::kOne, key_value_list},
      {7, "bytesValue", Type::kBase64}};
  return kRows;
}
Table key_value() {
  static constexpr FieldRow kRows[] = {{1, "key", Type::kText},
                                       {2, "value", Type::kMessage, Count::kOne, any_value}};
  return kRows;
}
Table entity_ref() {
  static constexpr FieldRow kRows[] = {{1, "schemaUrl", Type::kText},
                                       {2, "type", Type::kText},
                                       {3, "idKeys", Type::kText, Count::kMany},
                                       {4, "descriptionKeys", Type::kText, Count::kMany}};
  return kRows;
}
Table resource() {
  static constexpr FieldRow kRows[] = {{1, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {2, "droppedAttributesCount", Type::kUint32},
                                       {3, "entityRefs", Type::kMessage, Count::kMany, entity_ref}};
  return kRows;
}
Table scope() {
  static constexpr FieldRow kRows[] = {{1, "name", Type::kText},
                                       {2, "version", Type::kText},
                                       {3, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {4, "droppedAttributesCount", Type::kUint32}};
  return kRows;
}
Table exemplar() {
  static constexpr FieldRow kRows[] = {
      {2, "timeUnixNano", Type::kFixed64},
      {3, "asDouble", Type::kDouble},
      {4, "spanId", Type::kHex},
      {5, "traceId", Type::kHex},
      {6, "asInt", Type::kSfixed64},
      {7, "filteredAttributes", Type::kMessage, Count::kMany, key_value}};
  return kRows;
}
Table number_point() {
  static constexpr FieldRow kRows[] = {{2, "startTimeUnixNano", Type::kFixed64},
                                       {3, "timeUnixNano", Type::kFixed64},
                                       {4, "asDouble", Type::kDouble},
                                       {5, "exemplars", Type::kMessage, Count::kMany, exemplar},
                                       {6, "asInt", Type::kSfixed64},
                                       {7, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {8, "flags", Type::kUint32}};
  return kRows;
}
Table histogram_point() {
  static constexpr FieldRow kRows[] = {{2, "startTimeUnixNano", Type::kFixed64},
                                       {3, "timeUnixNano", Type::kFixed64},
                                       {4, "count", Type::kFixed64},
                                       {5, "sum", Type::kDouble},
                                       {6, "bucketCounts", Type::kFixed64, Count::kMany},
                                       {7, "explicitBounds", Type::kDouble, Count::kMany},
                                       {8, "exemplars", Type::kMessage, Count::kMany, exemplar},
                                       {9, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {10, "flags", Type::kUint32},
                                       {11, "min", Type::kDouble},
                                       {12, "max", Type::kDouble}};
  return kRows;
}
Table buckets() {
  static constexpr FieldRow kRows[] = {{1, "offset", Type::kSint32},
                                       {2, "bucketCounts", Type::kUint64, Count::kMany}};
  return kRows;
}
Table exponential_point() {
  static constexpr FieldRow kRows[] = {{1, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {2, "startTimeUnixNano", Type::kFixed64},
                                       {3, "timeUnixNano", Type::kFixed64},
                                       {4, "count", Type::kFixed64},
                                       {5, "sum", Type::kDouble},
                                       {6, "scale", Type::kSint32},
                                       {7, "zeroCount", Type::kFixed64},
                                       {8, "positive", Type::kMessage, Count::kOne, buckets},
                                       {9, "negative", Type::kMessage, Count::kOne, buckets},
                                       {10, "flags", Type::kUint32},
                                       {11, "exemplars", Type::kMessage, Count::kMany, exemplar},
                                       {12, "min", Type::kDouble},
                                       {13, "max", Type::kDouble},
                                       {14, "zeroThreshold", Type::kDouble}};
  return kRows;
}
Table gauge() {
  static constexpr FieldRow kRows[] = {
      {1, "dataPoints", Type::kMessage, Count::kMany, number_point}};
  return kRows;
}
Table sum() {
  static constexpr FieldRow kRows[] = {
      {1, "dataPoints", Type::kMessage, Count::kMany, number_point},
      {2, "aggregationTemporality", Type::kUint32},
      {3, "isMonotonic", Type::kBool}};
  return kRows;
}
Table histogram() {
  static constexpr FieldRow kRows[] = {
      {1, "dataPoints", Type::kMessage, Count::kMany, histogram_point},
      {2, "aggregationTemporality", Type::kUint32}};
  return kRows;
}
Table exponential_histogram() {
  static constexpr FieldRow kRows[] = {
      {1, "dataPoints", Type::kMessage, Count::kMany, exponential_point},
      {2, "aggregationTemporality", Type::kUint32}};
  return kRows;
}
Table value_at_quantile() {
  static constexpr FieldRow kRows[] = {{1, "quantile", Type::kDouble}, {2, "value", Type::kDouble}};
  return kRows;
}
Table summary_point() {
  static constexpr FieldRow kRows[] = {
      {2, "startTimeUnixNano", Type::kFixed64},
      {3, "timeUnixNano", Type::kFixed64},
      {4, "count", Type::kFixed64},
      {5, "sum", Type::kDouble},
      {6, "quantileValues", Type::kMessage, Count::kMany, value_at_quantile},
      {7, "attributes", Type::kMessage, Count::kMany, key_value},
      {8, "flags", Type::kUint32}};
  return kRows;
}
Table summary() {
  static constexpr FieldRow kRows[] = {
      {1, "dataPoints", Type::kMessage, Count::kMany, summary_point}};
  return kRows;
}
Table metric() {
  static constexpr FieldRow kRows[] = {
      {1, "name", Type::kText},
      {2, "description", Type::kText},
      {3, "unit", Type::kText},
      {5, "gauge", Type::kMessage, Count::kOne, gauge},
      {7, "sum", Type::kMessage, Count::kOne, sum},
      {9, "histogram", Type::kMessage, Count::kOne, histogram},
      {10, "exponentialHistogram", Type::kMessage, Count::kOne, exponential_histogram},
      {11, "summary", Type::kMessage, Count::kOne, summary},
      {12, "metadata", Type::kMessage, Count::kMany, key_value}};
  return kRows;
}
Table scope_metrics() {
  static constexpr FieldRow kRows[] = {{1, "scope", Type::kMessage, Count::kOne, scope},
                                       {2, "metrics", Type::kMessage, Count::kMany, metric},
                                       {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table resource_metrics() {
  static constexpr FieldRow kRows[] = {
      {1, "resource", Type::kMessage, Count::kOne, resource},
      {2, "scopeMetrics", Type::kMessage, Count::kMany, scope_metrics},
      {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table metrics_request() {
  static constexpr FieldRow kRows[] = {
      {1, "resourceMetrics", Type::kMessage, Count::kMany, resource_metrics}};
  return kRows;
}
Table span_event() {
  static constexpr FieldRow kRows[] = {{1, "timeUnixNano", Type::kFixed64},
                                       {2, "name", Type::kText},
                                       {3, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {4, "droppedAttributesCount", Type::kUint32}};
  return kRows;
}
Table span_link() {
  static constexpr FieldRow kRows[] = {{1, "traceId", Type::kHex},
                                       {2, "spanId", Type::kHex},
                                       {3, "traceState", Type::kText},
                                       {4, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {5, "droppedAttributesCount", Type::kUint32},
                                       {6, "flags", Type::kFixed32}};
  return kRows;
}
Table span_status() {
  static constexpr FieldRow kRows[] = {{2, "message", Type::kText}, {3, "code", Type::kUint32}};
  return kRows;
}
Table span() {
  static constexpr FieldRow kRows[] = {{1, "traceId", Type::kHex},
                                       {2, "spanId", Type::kHex},
                                       {3, "traceState", Type::kText},
                                       {4, "parentSpanId", Type::kHex},
                                       {5, "name", Type::kText},
                                       {6, "kind", Type::kUint32},
                                       {7, "startTimeUnixNano", Type::kFixed64},
                                       {8, "endTimeUnixNano", Type::kFixed64},
                                       {9, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {10, "droppedAttributesCount", Type::kUint32},
                                       {11, "events", Type::kMessage, Count::kMany, span_event},
                                       {12, "droppedEventsCount", Type::kUint32},
                                       {13, "links", Type::kMessage, Count::kMany, span_link},
                                       {14, "droppedLinksCount", Type::kUint32},
                                       {15, "status", Type::kMessage, Count::kOne, span_status},
                                       {16, "flags", Type::kFixed32}};
  return kRows;
}
Table scope_spans() {
  static constexpr FieldRow kRows[] = {{1, "scope", Type::kMessage, Count::kOne, scope},
                                       {2, "spans", Type::kMessage, Count::kMany, span},
                                       {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table resource_spans() {
  static constexpr FieldRow kRows[] = {{1, "resource", Type::kMessage, Count::kOne, resource},
                                       {2, "scopeSpans", Type::kMessage, Count::kMany, scope_spans},
                                       {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table traces_request() {
  static constexpr FieldRow kRows[] = {
      {1, "resourceSpans", Type::kMessage, Count::kMany, resource_spans}};
  return kRows;
}
Table log_record() {
  static constexpr FieldRow kRows[] = {{1, "timeUnixNano", Type::kFixed64},
                                       {2, "severityNumber", Type::kUint32},
                                       {3, "severityText", Type::kText},
                                       {5, "body", Type::kMessage, Count::kOne, any_value},
                                       {6, "attributes", Type::kMessage, Count::kMany, key_value},
                                       {7, "droppedAttributesCount", Type::kUint32},
                                       {8, "flags", Type::kFixed32},
                                       {9, "traceId", Type::kHex},
                                       {10, "spanId", Type::kHex},
                                       {11, "observedTimeUnixNano", Type::kFixed64},
                                       {12, "eventName", Type::kText}};
  return kRows;
}
Table scope_logs() {
  static constexpr FieldRow kRows[] = {{1, "scope", Type::kMessage, Count::kOne, scope},
                                       {2, "logRecords", Type::kMessage, Count::kMany, log_record},
                                       {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table resource_logs() {
  static constexpr FieldRow kRows[] = {{1, "resource", Type::kMessage, Count::kOne, resource},
                                       {2, "scopeLogs", Type::kMessage, Count::kMany, scope_logs},
                                       {3, "schemaUrl", Type::kText}};
  return kRows;
}
Table logs_request() {
  static constexpr FieldRow kRows[] = {
      {1, "resourceLogs", Type::kMessage, Count::kMany, resource_logs}};
  return kRows;
}

}  // namespace

Table request_table(Signal signal) {
  switch (signal) {
    case Signal::kMetrics:
      return metrics_request();
    case Signal::kTraces:
      return traces_request();
    case Signal::kLogs:
      return logs_request();
  }
  return {};
}

}  // namespace plumbline::otlp
