// SPDX-License-Identifier: Apache-2.0
//
// The agent's own configuration, as plain values. Every field has a default, so that no file at
// all is a good configuration. The table in fields.cc gives each field its key, unit and bounds.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/core/log.h"

namespace plumbline {

// One collector's section: `collectors: {sched: {enabled: true, period: 1s}}`.
struct CollectorConfig {
  bool enabled = true;
  std::chrono::milliseconds period{0};  // 0: the collector's own

  bool operator==(const CollectorConfig&) const = default;
};

enum class OtlpProtocol : std::uint8_t { kGrpc, kHttpProtobuf };
enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// What a destination gets: `filter: {include: [system.*], resource: {team: pay*}}`. Patterns are
// shell globs; empty lists let everything through.
struct FilterConfig {
  std::vector<std::string> signals;  // metrics, traces, logs
  std::vector<std::string> include;  // metric names
  std::vector<std::string> exclude;
  std::map<std::string, std::string> resource;  // attributes

  bool operator==(const FilterConfig&) const = default;
};

// One OTLP destination: `otlp: [{endpoint: grpc://collector:4317}]`.
struct OtlpConfig {
  std::string name;  // of its queue and in metrics; empty: "otlp:HOST:PORT"
  // grpc://host:4317, grpcs://, http://host:4318, https://. The path of an http URL is used as it
  // is when `per_signal_path`, else v1/<signal> is appended.
  std::string endpoint;
  OtlpProtocol protocol = OtlpProtocol::kHttpProtobuf;  // from the scheme
  bool per_signal_path = false;
  Compression compression = Compression::kGzip;
  std::chrono::milliseconds timeout{10'000};
  std::map<std::string, std::string> headers;
  std::string headers_file;       // "name: value" lines, read again when it changes
  std::string bearer_token_file;  // read again when it changes
  std::string ca_file;
  std::string certificate_file;  // client certificate, for mTLS
  std::string key_file;
  std::string server_name;                      // TLS name to expect instead of the host of the URL
  std::uint64_t max_request_bytes = 3'500'000;  // uncompressed; many receivers cap at 4 MiB
  FilterConfig filter;

  bool operator==(const OtlpConfig&) const = default;
};

enum class KafkaEncoding : std::uint8_t { kOtlpProto, kOtlpJson };
enum class KafkaCompression : std::uint8_t { kNone, kGzip, kSnappy, kLz4, kZstd };
enum class KafkaLogin : std::uint8_t { kNone, kPlain, kScramSha256, kScramSha512 };

// One destination that is a Kafka cluster: `kafka: [{brokers: [kafka-1:9092]}]`. Topics and
// encodings are those of the Collector's Kafka receiver.
struct KafkaConfig {
  std::string name;                  // of its queue and in metrics; empty: own_name()
  std::vector<std::string> brokers;  // HOST:PORT, or HOST for port 9092; some of the cluster do
  std::string metrics_topic = "otlp_metrics";
  std::string traces_topic = "otlp_spans";
  std::string logs_topic = "otlp_logs";
  KafkaEncoding encoding = KafkaEncoding::kOtlpProto;
  KafkaCompression compression = KafkaCompression::kZstd;  // a third of gzip's CPU
  std::chrono::milliseconds timeout{10'000};
  // Of one message before compression; brokers refuse more than 1 MiB after it.
  std::uint64_t max_message_bytes = 1'000'000;
  std::string client_id = "plumbline";
  KafkaLogin login = KafkaLogin::kNone;
  std::string username;
  std::string password_file;  // its first line; read again when it changes
  bool tls = false;
  std::string ca_file;
  std::string certificate_file;  // client certificate, for mTLS
  std::string key_file;
  bool verify_name = true;  // that a broker's certificate has the broker's name
  FilterConfig filter;

  bool operator==(const KafkaConfig&) const = default;
};

// "kafka:BROKER/TOPIC" of the first broker and of metrics; empty when there is no broker.
std::string own_name(const KafkaConfig& kafka);

enum class StdoutFormat : std::uint8_t { kOff, kReadable, kOtlpJson };

enum class KafkaSasl : std::uint8_t {
  kNone,
  kPlain,
  kScramSha256,
  kScramSha512,
  kOauthBearer,
  kGssapi,
};

// One Kafka cluster to look at: `kafka_clusters: [{name: main, brokers: [host:9092]}]`.
struct KafkaClusterConfig {
  std::string name;                  // kafka.cluster.alias of its metrics
  std::vector<std::string> brokers;  // HOST:PORT; the rest is learned from the first that answers
  bool tls = false;
  std::string ca_file;
  std::string certificate_file;  // client certificate, for mTLS
  std::string key_file;
  std::string server_name;  // TLS name to expect instead of the broker's
  KafkaSasl sasl = KafkaSasl::kNone;
  std::string user;
  std::string password_file;  // read again when it changes, as is token_file
  std::string token_file;
  std::string keytab_file;        // holds the key of `user`, a principal of Kerberos
  std::string service = "kafka";  // what brokers are called there
  std::string topics;             // regular expressions of whole names; empty: all
  std::string exclude_topics;
  std::string groups;
  std::string exclude_groups;
  std::chrono::milliseconds timeout{3'000};
  std::uint64_t partition_series = 2'000;
  std::vector<std::string> aliases;  // klag, kminion, kafka_exporter
  std::string division_topic;        // over which agents divide the work; empty: not at all
  std::string canary_topic;          // where the canary flies; empty: nowhere

  bool operator==(const KafkaClusterConfig&) const = default;
};

struct BpfConfig {
  // Tracepoints the agent must not attach to; each takes away or degrades the signals that need it.
  std::vector<std::string> deny_hooks;
  std::uint64_t memory_bytes = 16U << 20U;  // limit for all maps together
  bool softirq_latency = false;             // opt-in: measured at 7 % of CPU under network load
  bool tcp_read_wait = false;               // opt-in: two programs for each arrival and read
  bool tcp_accept_wait = false;             // opt-in: any hook on a system call slows all of them

  bool operator==(const BpfConfig&) const = default;
};

// One ClickHouse server to look at: `clickhouse: [{url: http://ch1:8123}]`.
struct ClickHouseConfig {
  std::string url;  // http://host:8123 or https://host:8443
  std::string user;
  std::string password_file;  // read again when it changes
  std::string ca_file;
  std::string certificate_file;  // client certificate, for mTLS
  std::string key_file;
  std::string server_name;          // TLS name to expect instead of the host of the URL
  std::string cluster;              // empty: this node only
  std::string database = "system";  // where the tables are, or views of their names
  bool compression = true;
  std::chrono::milliseconds timeout{5'000};
  std::uint64_t query_shapes = 100;
  bool traces = true;
  std::chrono::milliseconds slow_query{1'000};
  std::uint64_t trace_one_in = 100;          // of the traces without anything wrong; 0: none
  std::map<std::string, std::string> teams;  // by user name

  bool operator==(const ClickHouseConfig&) const = default;
};

struct LimitsConfig {
  std::uint64_t series_per_metric = 2'000;
  std::map<std::string, std::string> budgets;  // of series, by metric name or shell glob
  std::uint64_t series = 50'000;
  std::uint64_t cgroups = 1'000;

  bool operator==(const LimitsConfig&) const = default;
};

enum class JournalDurability : std::uint8_t { kInterval, kFsync };

// The journal: what is collected is kept on disk, for destinations and for looking back.
struct JournalConfig {
  bool enabled = true;
  std::uint64_t max_bytes = 512U << 20U;
  std::chrono::milliseconds seconds{std::chrono::hours(6)};
  std::chrono::milliseconds ten_seconds{std::chrono::hours(7 * 24)};
  std::chrono::milliseconds undelivered{std::chrono::hours(7 * 24)};
  std::chrono::milliseconds delivered{std::chrono::hours(24)};
  JournalDurability durability = JournalDurability::kInterval;

  bool operator==(const JournalConfig&) const = default;
};

enum class PodSourceChoice : std::uint8_t { kAuto, kPodsApi, kKubelet, kFile, kNone };

// Where the names of pods come from, and what is made of them: `identity: {source: auto}`.
struct IdentityConfig {
  PodSourceChoice source = PodSourceChoice::kAuto;
  std::chrono::milliseconds period{15'000};
  std::string pods_api_socket;       // empty: where the kubelet puts it
  std::string pod_resources_socket;  // the same
  std::string file;                  // of pods; empty: none
  std::string kubelet_url;           // empty: the node's own, port 10250
  std::string kubelet_ca_file;       // empty: the service account's, else the system's
  std::string kubelet_token_file;    // empty: the service account's
  std::string kubelet_certificate_file;
  std::string kubelet_key_file;
  std::string kubelet_server_name;  // TLS name to expect instead of the host of the URL
  std::vector<std::string> labels;  // exported as attributes; "app.kubernetes.io/*" for many
  std::vector<std::string> annotations;
  std::vector<std::string> teams;  // rules, the first that fits decides

  bool operator==(const IdentityConfig&) const = default;
};

struct Config {
  std::string listen = "127.0.0.1:9464";
  std::string state_dir;  // empty: /var/lib/plumbline as root, $XDG_STATE_HOME/plumbline else
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;

  std::map<std::string, std::string> resource_attributes;
  std::map<std::string, CollectorConfig> collectors;  // by name; a missing one has the defaults
  BpfConfig bpf;
  std::vector<ClickHouseConfig> clickhouse;
  LimitsConfig limits;
  IdentityConfig identity;

  std::chrono::milliseconds export_interval{10'000};
  std::uint64_t queue_bytes = 32U << 20U;  // in memory, for all destinations together
  std::vector<OtlpConfig> otlp;
  std::vector<KafkaConfig> kafka;
  std::vector<KafkaClusterConfig> kafka_clusters;
  StdoutFormat stdout_format = StdoutFormat::kOff;
  JournalConfig journal;

  std::chrono::milliseconds shutdown_timeout{5'000};
};

}  // namespace plumbline
