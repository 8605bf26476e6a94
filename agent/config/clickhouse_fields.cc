// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "agent/config/field_table.h"

namespace plumbline {
namespace {

using namespace field_table;

constexpr std::array kClickHouseFields{
    field<&ClickHouseConfig::url>({.key = "url",
                                   .type = FieldType::kHttpUrl,
                                   .description = "The HTTP interface of a server.",
                                   .example = "http://127.0.0.1:8123",
                                   .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::user>(
        {.key = "user",
         .type = FieldType::kText,
         .description = "Who asks; empty for the server's default user. It needs SELECT on the "
                        "tables of system, nothing else.",
         .example = "plumbline",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::password_file>(
        {.key = "password_file",
         .type = FieldType::kReadableFile,
         .description = "Holds the password of the user; read again when it changes.",
         .example = "/etc/plumbline/clickhouse-password",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::cluster>(
        {.key = "cluster",
         .type = FieldType::kText,
         .description = "Ask for every replica of this cluster through clusterAllReplicas, instead "
                        "of this node only. One agent does so, or all numbers come twice.",
         .example = "production",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::database>(
        {.key = "database",
         .type = FieldType::kText,
         .description = "Where the tables of system are, or views of their names that show the "
                        "agent less.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::timeout>({.key = "timeout",
                                       .type = FieldType::kDuration,
                                       .min = 100,
                                       .max = 60 * kSecond,
                                       .description = "How long one query may take.",
                                       .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::compression>(
        {.key = "compression",
         .type = FieldType::kFlag,
         .description = "Whether answers come compressed by gzip.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::query_shapes>(
        {.key = "query_shapes",
         .type = FieldType::kCount,
         .min = 0,
         .max = 1'000,
         .description = "How many normalized queries have series of their own, the dearest first.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::traces>(
        {.key = "traces",
         .type = FieldType::kFlag,
         .description = "Whether queries that failed, slow ones and some of the others leave as "
                        "spans, in the trace of a caller who says which it is.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::slow_query>(
        {.key = "slow_query",
         .type = FieldType::kDuration,
         .min = 1,
         .max = 3'600 * kSecond,
         .description = "From how long on a query is slow, and always a span.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::trace_one_in>(
        {.key = "trace_one_in",
         .type = FieldType::kCount,
         .min = 0,
         .max = 1'000'000'000,
         .description = "Of the other traces one in so many is shown, chosen by the trace id; 0 "
                        "for none.",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::teams>(
        {.key = "teams",
         .type = FieldType::kTextMap,
         .description = "Which team a user belongs to, where a query names none itself by "
                        "log_comment or quota_key.",
         .example = "{etl: platform}",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::ca_file>(
        {.key = "ca_file",
         .type = FieldType::kReadableFile,
         .description = "Certificates (PEM) to trust instead of those of the system.",
         .example = "/etc/plumbline/ca.pem",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::certificate_file>(
        {.key = "certificate_file",
         .type = FieldType::kReadableFile,
         .description = "Our own certificate (PEM), for servers that ask for one.",
         .example = "/etc/plumbline/client.pem",
         .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::key_file>({.key = "key_file",
                                        .type = FieldType::kReadableFile,
                                        .description = "The key (PEM) of certificate_file.",
                                        .example = "/etc/plumbline/client.key",
                                        .effect = Effect::kCollectors}),
    field<&ClickHouseConfig::server_name>(
        {.key = "server_name",
         .type = FieldType::kText,
         .description = "The name the server's certificate must have, if not the URL's.",
         .example = "clickhouse.example.com",
         .effect = Effect::kCollectors}),
};

}  // namespace

std::span<const Field<ClickHouseConfig>> clickhouse_fields() {
  return kClickHouseFields;
}

}  // namespace plumbline
