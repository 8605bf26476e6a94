// SPDX-License-Identifier: Apache-2.0
#include "agent/config/fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/config/field_table.h"
#include "agent/config/quantity.h"

namespace plumbline {
namespace {

using namespace field_table;

using std::string_view_literals::operator""sv;

constexpr std::array kLogLevels{"error"sv, "warning"sv, "info"sv, "debug"sv};
constexpr std::array kLogFormats{"text"sv, "json"sv};
constexpr std::array kDurabilities{"interval"sv, "fsync"sv};
constexpr std::array kPodSources{"auto"sv, "pods_api"sv, "kubelet"sv, "file"sv, "none"sv};
constexpr std::array kStdoutFormats{"off"sv, "readable"sv, "otlp_json"sv};

constexpr std::array kConfigFields{
    field<&Config::listen>(
        {.key = "listen",
         .type = FieldType::kListenAddress,
         .description = "Where the HTTP server listens: /metrics, /healthz, /readyz, /api/v1/. "
                        "Port 0 takes a free one.",
         .effect = Effect::kListener}),
    field<&Config::state_dir>({.key = "state_dir",
                               .type = FieldType::kDirectory,
                               .description =
                                   "Where the agent keeps what must survive a restart. Default: "
                                   "/var/lib/plumbline as root, $XDG_STATE_HOME/plumbline else.",
                               .example = "/var/lib/plumbline",
                               .effect = Effect::kProcess}),
    field<&Config::log_level>({.key = "log.level",
                               .type = FieldType::kChoice,
                               .choices = kLogLevels,
                               .description = "The least important lines that are still written.",
                               .effect = Effect::kNothing}),
    field<&Config::log_format>({.key = "log.format",
                                .type = FieldType::kChoice,
                                .choices = kLogFormats,
                                .description = "How lines on standard error look.",
                                .effect = Effect::kProcess}),
    field<&Config::resource_attributes>(
        {.key = "resource",
         .type = FieldType::kTextMap,
         .description = "Resource attributes of everything this agent sends, over those that it "
                        "finds out itself and those of OTEL_RESOURCE_ATTRIBUTES. An empty value "
                        "takes an attribute away.",
         .example = "{deployment.environment.name: production}",
         .effect = Effect::kDestinations}),
    field<&Config::bpf, &BpfConfig::deny_hooks>(
        {.key = "bpf.deny_hooks",
         .type = FieldType::kTextList,
         .description = "Kernel hooks the agent must not attach to. Signals that need one fall "
                        "back to another or are reported as unavailable. name:N stands for a "
                        "tracepoint with N arguments, as an older kernel may have it.",
         .example = "[block_rq_complete]",
         .effect = Effect::kCollectors}),
    field<&Config::bpf, &BpfConfig::memory_bytes>(
        {.key = "bpf.memory",
         .type = FieldType::kSize,
         .min = kMebi,
         .max = kGibi,
         .description = "Kernel memory that all BPF maps may take together.",
         .effect = Effect::kCollectors}),
    field<&Config::bpf, &BpfConfig::softirq_latency>(
        {.key = "bpf.softirq_latency",
         .type = FieldType::kFlag,
         .description = "Measure the latency of softirqs and hardirqs by tracepoints. Off, because "
                        "it took 7 % of the CPU under network load.",
         .effect = Effect::kCollectors}),
    field<&Config::bpf, &BpfConfig::tcp_read_wait>(
        {.key = "bpf.tcp_read_wait",
         .type = FieldType::kFlag,
         .description =
             "Measure how long received TCP data waits for the application. Off, because "
             "it runs at every arrival and every read.",
         .effect = Effect::kCollectors}),
    field<&Config::bpf, &BpfConfig::tcp_accept_wait>(
        {.key = "bpf.tcp_accept_wait",
         .type = FieldType::kFlag,
         .description =
             "Measure how long each TCP connection waits to be accepted. Off, because a hook on "
             "one system call makes all of them slower, by some 40 ns. How long the oldest has "
             "waited is always measured.",
         .effect = Effect::kCollectors}),
    field<&Config::limits, &LimitsConfig::series_per_metric>(
        {.key = "limits.series_per_metric",
         .type = FieldType::kCount,
         .min = 10,
         .max = 1'000'000,
         .description = "Series of one metric that keep their own name, the loudest; those beyond "
                        "are added up in one with otel.metric.overflow=true.",
         .effect = Effect::kProcess}),
    field<&Config::limits, &LimitsConfig::budgets>(
        {.key = "limits.budgets",
         .type = FieldType::kTextMap,
         .description = "Other numbers of series for single metrics, by name or pattern (*, ?); a "
                        "name goes before patterns, a longer pattern before a shorter one.",
         .example = "{container.cpu.time: 500, plumbline.kafka.*: 5000}",
         .effect = Effect::kProcess}),
    field<&Config::limits, &LimitsConfig::series>(
        {.key = "limits.series",
         .type = FieldType::kCount,
         .min = 1'000,
         .max = 10'000'000,
         .description = "Series of all metrics together; those beyond are counted, not exported.",
         .effect = Effect::kProcess}),
    field<&Config::limits, &LimitsConfig::cgroups>(
        {.key = "limits.cgroups",
         .type = FieldType::kCount,
         .min = 1,
         .max = 100'000,
         .description = "Control groups that are told apart; the others are counted.",
         .effect = Effect::kProcess}),
    field<&Config::identity, &IdentityConfig::source>(
        {.key = "identity.source",
         .type = FieldType::kChoice,
         .choices = kPodSources,
         .description = "Where the names of pods come from. auto takes the best that answers: the "
                        "kubelet's pods API socket, its HTTPS address, the file. The API server is "
                        "never asked. With none, a group is named by ids alone.",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::period>(
        {.key = "identity.period",
         .type = FieldType::kDuration,
         .min = kSecond,
         .max = kHour,
         .description = "How often the pods of this node are asked for. A container that is not "
                        "known yet makes the agent ask at once.",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::pods_api_socket>(
        {.key = "identity.pods_api_socket",
         .type = FieldType::kText,
         .description = "The kubelet's pods API. Default: pods-api/pods-api.sock or "
                        "pods/kubelet.sock below /var/lib/kubelet.",
         .example = "/var/lib/kubelet/pods-api/pods-api.sock",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::pod_resources_socket>(
        {.key = "identity.pod_resources_socket",
         .type = FieldType::kText,
         .description = "The kubelet's podresources, which tell the devices of each container. "
                        "Default: pod-resources/kubelet.sock below /var/lib/kubelet.",
         .example = "/var/lib/kubelet/pod-resources/kubelet.sock",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_url>(
        {.key = "identity.kubelet.url",
         .type = FieldType::kText,
         .description =
             "The kubelet. Default: https://127.0.0.1:10250 on a node of a cluster, with "
             "the address in $HOST_IP if there is one.",
         .example = "https://127.0.0.1:10250",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_ca_file>(
        {.key = "identity.kubelet.ca_file",
         .type = FieldType::kReadableFile,
         .description = "Certificates (PEM) that sign the kubelet's. Default: those of the service "
                        "account. A kubelet that signs its own has it in "
                        "/var/lib/kubelet/pki/kubelet.crt.",
         .example = "/var/lib/kubelet/pki/kubelet.crt",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_token_file>(
        {.key = "identity.kubelet.token_file",
         .type = FieldType::kReadableFile,
         .description = "A token that may get nodes/pods; read again when it changes. Default: the "
                        "service account's.",
         .example = "/var/run/secrets/kubernetes.io/serviceaccount/token",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_certificate_file>(
        {.key = "identity.kubelet.certificate_file",
         .type = FieldType::kReadableFile,
         .description = "Our own certificate (PEM), for a kubelet that asks for one.",
         .example = "/etc/plumbline/kubelet-client.pem",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_key_file>(
        {.key = "identity.kubelet.key_file",
         .type = FieldType::kReadableFile,
         .description = "The key (PEM) of identity.kubelet.certificate_file.",
         .example = "/etc/plumbline/kubelet-client.key",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::kubelet_server_name>(
        {.key = "identity.kubelet.server_name",
         .type = FieldType::kText,
         .description = "The name the kubelet's certificate must have, if not the host of the URL.",
         .example = "node-1",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::file>(
        {.key = "identity.file",
         .type = FieldType::kReadableFile,
         .description =
             "Pods and their containers as YAML, for nodes without a kubelet; read again "
             "when it changes.",
         .example = "/etc/plumbline/pods.yaml",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::labels>(
        {.key = "identity.labels",
         .type = FieldType::kTextList,
         .description = "Labels of pods that are exported, as k8s.pod.label.KEY. A name that ends "
                        "in * stands for all that begin so.",
         .example = "[app.kubernetes.io/*, tier]",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::annotations>(
        {.key = "identity.annotations",
         .type = FieldType::kTextList,
         .description = "Annotations of pods that are exported, as k8s.pod.annotation.KEY.",
         .example = "[example.com/owner]",
         .effect = Effect::kIdentity}),
    field<&Config::identity, &IdentityConfig::teams>(
        {.key = "identity.teams",
         .type = FieldType::kTextList,
         .description = "Who pays for a pod: the first rule that fits. label:KEY, annotation:KEY, "
                        "namespace, namespace:PATTERN=TEAM, workload:PATTERN=TEAM, default:TEAM. "
                        "The rule is exported with the team, as plumbline.team.rule.",
         .example = "[label:team, 'namespace:data-.*=data', default:unlabelled]",
         .effect = Effect::kIdentity}),
    field<&Config::export_interval>(
        {.key = "export.interval",
         .type = FieldType::kDuration,
         .min = kSecond / 10,
         .max = kHour,
         .description = "How often metrics leave over OTLP and standard output. Counters and "
                        "histograms are cumulative: a longer interval loses no event.",
         .effect = Effect::kNothing}),
    field<&Config::queue_bytes>(
        {.key = "export.queue",
         .type = FieldType::kSize,
         .min = kMebi,
         .max = 16 * kGibi,
         .description = "Memory for what is not yet on the disk, for all destinations together: "
                        "while the disk takes nothing, or without a journal. When it is full the "
                        "oldest goes, and is counted.",
         .effect = Effect::kProcess}),
    field<&Config::stdout_format>(
        {.key = "stdout.format",
         .type = FieldType::kChoice,
         .choices = kStdoutFormats,
         .description = "Write every export to standard output too, to look at or to pipe on.",
         .effect = Effect::kDestinations}),
    field<&Config::journal, &JournalConfig::enabled>(
        {.key = "journal.enabled",
         .type = FieldType::kFlag,
         .description = "Keep what is collected in a journal below state_dir: what no destination "
                        "has taken survives a crash, and every second can be looked at again.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::max_bytes>(
        {.key = "journal.size",
         .type = FieldType::kSize,
         .min = 8 * kMebi,
         .max = 1024 * kGibi,
         .description = "The journal on disk, all of it. When it is full the oldest goes; what a "
                        "destination had not taken is counted and said.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::seconds>(
        {.key = "journal.seconds",
         .type = FieldType::kDuration,
         .min = 60 * kSecond,
         .max = 366 * kDay,
         .description = "How long every value of every second is kept.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::ten_seconds>(
        {.key = "journal.ten_seconds",
         .type = FieldType::kDuration,
         .min = 60 * kSecond,
         .max = 3'660 * kDay,
         .description = "How long the least, greatest and last value and the histograms of every "
                        "ten seconds are kept.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::undelivered>(
        {.key = "journal.undelivered",
         .type = FieldType::kDuration,
         .min = 60 * kSecond,
         .max = 366 * kDay,
         .description = "How long an export waits for a destination that does not take it.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::delivered>(
        {.key = "journal.delivered",
         .type = FieldType::kDuration,
         .min = 0,
         .max = 366 * kDay,
         .description =
             "How long an export is kept that every destination has taken, for `plumbline "
             "replay`.",
         .effect = Effect::kProcess}),
    field<&Config::journal, &JournalConfig::durability>(
        {.key = "journal.durability",
         .type = FieldType::kChoice,
         .choices = kDurabilities,
         .description = "fsync: every commit waits for the disk, and nothing that was committed is "
                        "lost when the power fails. interval: at most five seconds are. A crash of "
                        "the agent loses nothing committed either way.",
         .effect = Effect::kProcess}),
    field<&Config::shutdown_timeout>(
        {.key = "shutdown.timeout",
         .type = FieldType::kDuration,
         .min = 0,
         .max = 600 * kSecond,
         .description = "How long the agent tries to deliver what is queued when it is told to "
                        "stop. What is left then stays in the journal; without "
                        "one it is reported as lost.",
         .effect = Effect::kNothing}),
};

constexpr std::array kCollectorFields{
    field<&CollectorConfig::enabled>({.key = "enabled",
                                      .type = FieldType::kFlag,
                                      .description = "Whether it runs.",
                                      .effect = Effect::kCollectors}),
    field<&CollectorConfig::period>(
        {.key = "period",
         .type = FieldType::kDuration,
         .min = 100,
         .max = kHour,
         .description =
             "How often it looks. Default: the collector's own, see `plumbline catalog`.",
         .example = "1s",
         .effect = Effect::kCollectors}),
};

template <class Owner>
void document(std::string_view prefix,
              std::span<const Field<Owner>> fields,
              std::vector<DocumentedField>& out) {
  const Owner defaults{};
  for (const auto& field : fields) {
    out.push_back({.key = fmt::format("{}{}", prefix, field.info.key),
                   .info = &field.info,
                   .default_value = field.load(defaults)});
  }
}

std::string bounds(const FieldInfo& info, std::string (*format)(std::uint64_t)) {
  return fmt::format("from {} to {}", format(info.min), format(info.max));
}

std::string format_count(std::uint64_t value) {
  return fmt::to_string(value);
}

}  // namespace

std::span<const Field<Config>> config_fields() {
  return kConfigFields;
}

std::span<const Field<CollectorConfig>> collector_fields() {
  return kCollectorFields;
}

std::vector<DocumentedField> documented_fields() {
  std::vector<DocumentedField> out;
  document("", config_fields(), out);
  document("collectors.NAME.", collector_fields(), out);
  document("otlp[].", otlp_fields(), out);
  document("kafka[].", kafka_fields(), out);
  document("clickhouse[].", clickhouse_fields(), out);
  document("kafka_clusters[].", kafka_cluster_fields(), out);
  return out;
}

std::string describe_expected(const FieldInfo& info) {
  switch (info.type) {
    case FieldType::kText:
      return "a text";
    case FieldType::kFlag:
      return "true or false";
    case FieldType::kCount:
      return fmt::format("a whole number {}", bounds(info, format_count));
    case FieldType::kDuration:
      return fmt::format("a duration {}, such as 10s", bounds(info, format_duration));
    case FieldType::kSize:
      return fmt::format("a size {}, such as 16MiB", bounds(info, format_size));
    case FieldType::kPercent:
      return fmt::format("a percentage {}, such as 99.9", bounds(info, format_percent));
    case FieldType::kChoice:
      return fmt::format("one of {}", fmt::join(info.choices, ", "));
    case FieldType::kListenAddress:
      return "ADDRESS:PORT, such as 127.0.0.1:9464 or [::]:9464";
    case FieldType::kDirectory:
      return "the absolute path of a directory";
    case FieldType::kReadableFile:
      return "the absolute path of a readable file";
    case FieldType::kEndpoint:
      return "an OTLP URL, such as grpc://HOST:4317 or https://HOST:4318";
    case FieldType::kHttpUrl:
      return "a URL, such as http://HOST:8123 or https://HOST:8443";
    case FieldType::kTextList:
      return "a list of texts, such as [a, b]";
    case FieldType::kTextMap:
      return "names with texts, such as {name: value}";
  }
  return "a value";
}

std::string format_value(const FieldInfo& info, const FieldValue& value) {
  switch (info.type) {
    case FieldType::kFlag:
      return std::get<bool>(value) ? "true" : "false";
    case FieldType::kCount:
      return format_count(std::get<std::uint64_t>(value));
    case FieldType::kDuration:
      // Below the bounds: not set, somebody else decides.
      if (std::get<std::uint64_t>(value) < info.min) return {};
      return format_duration(std::get<std::uint64_t>(value));
    case FieldType::kSize:
      return format_size(std::get<std::uint64_t>(value));
    case FieldType::kPercent:
      return format_percent(std::get<std::uint64_t>(value));
    case FieldType::kChoice:
      return std::string(info.choices[std::get<std::uint64_t>(value)]);
    case FieldType::kTextList:
    case FieldType::kTextMap:
      return {};
    default:
      return std::get<std::string>(value);
  }
}

}  // namespace plumbline
