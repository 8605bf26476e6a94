// SPDX-License-Identifier: Apache-2.0
#include "agent/manifest/common_fields.h"
#include "agent/manifest/fields.h"

namespace plumbline {
namespace {

using namespace manifest_table;
using std::string_view_literals::operator""sv;

constexpr FieldInfo below(std::string_view key, std::string_view description) {
  return {.key = key,
          .type = FieldType::kDuration,
          .min = 1,
          .max = 128 * kSecond,
          .description = description};
}

constexpr auto kKafkaCluster = joined(
    common_fields<KafkaCluster>(),
    std::array{
        field<&KafkaCluster::cluster>(
            text("spec.cluster",
                 "The cluster by its name in the agent's kafka_clusters; none: all that are "
                 "measured.",
                 "main")),
        field<&KafkaCluster::brokers>(count("spec.brokers",
                                            0,
                                            10'000,
                                            "Its brokers; an alert when there are fewer. 0: not "
                                            "checked.")),
        field<&KafkaCluster::alert_on_disk>(
            count("spec.monitoring.alertOnDisk",
                  1,
                  99,
                  "Percent of the file system of each log directory; an alert above it.")),
        field<&KafkaCluster::availability_target>(
            target("spec.objectives.availability.target",
                   "The share of time in which the cluster answers and each partition has a "
                   "leader, in percent."))});

constexpr auto kGpuPool = joined(
    common_fields<GpuPool>(),
    std::array{
        field<&GpuPool::gpus>(count("spec.gpus",
                                    0,
                                    1'000'000,
                                    "GPUs in it. Kept, as the others "
                                    "of this kind.")),
        field<&GpuPool::model>(text("spec.model", "What they are. Kept.", "H100")),
        field<&GpuPool::memory_gb>(count("spec.memoryGB", 0, 100'000, "Memory of each. Kept.")),
        field<&GpuPool::alert_on_idle>(count("spec.monitoring.alertOnIdle",
                                             0,
                                             99,
                                             "Percent of time that a GPU may be idle; 0: any. "
                                             "Kept.")),
        field<&GpuPool::availability_target>(
            target("spec.objectives.availability.target",
                   "The share of time in which a GPU can be used, in percent. Kept."))});

constexpr auto kModelService = joined(
    common_fields<ModelService>(),
    std::array{
        field<&ModelService::model>(text("spec.model", "The model that is served. Kept.", "llama")),
        field<&ModelService::endpoint>({.key = "spec.endpoint",
                                        .type = FieldType::kHttpUrl,
                                        .description = "Where it is served. Kept.",
                                        .example = "http://vllm:8000"}),
        field<&ModelService::availability_target>(
            target("spec.objectives.availability.target",
                   "The share of requests that did not fail, in percent. Kept.")),
        field<&ModelService::latency_target>(
            target("spec.objectives.firstToken.target",
                   "The share of requests whose first token came in time, in percent. Kept.")),
        field<&ModelService::first_token_below>(
            below("spec.objectives.firstToken.below", "How long it may take. Kept."))});

constexpr auto kService = joined(
    common_fields<Service>(),
    std::array{field<&Service::workload>(text("spec.workload",
                                              "What runs it in Kubernetes, KIND/NAME. Kept.",
                                              "deployment/checkout")),
               field<&Service::availability_target>(target(
                   "spec.objectives.availability.target",
                   "The share of requests that did not fail, in percent. Kept until requests are "
                   "measured; spec.slos takes queries of whatever measures them.")),
               field<&Service::latency_target>(target(
                   "spec.objectives.latency.target",
                   "The share of requests that took no longer than below, in percent. Kept.")),
               field<&Service::latency_below>(below("spec.objectives.latency.below",
                                                    "How long a good request takes at most. "
                                                    "Kept."))});

constexpr std::array kCalendars{"rolling"sv, "month"sv, "quarter"sv};

constexpr std::array kSlo{
    field<&SloSpec::name>(
        text("name", "What it is called, with the name of the manifest before it.", "checkout")),
    field<&SloSpec::target>(target("target", "The share that must be good, in percent.")),
    field<&SloSpec::window>({.key = "window",
                             .type = FieldType::kDuration,
                             .min = 28 * kDay,
                             .max = 90 * kDay,
                             .description = "The rolling period that its budget is for."}),
    field<&SloSpec::calendar>({.key = "calendar",
                               .type = FieldType::kChoice,
                               .choices = kCalendars,
                               .description = "Whether its budget begins anew with each month or "
                                              "quarter, UTC, instead of rolling."}),
    field<&SloSpec::good>(text("good",
                               "PromQL that counts good events within $window; this or bad.",
                               "sum(increase(http_requests_total{code!~\"5..\"}[$window]))")),
    field<&SloSpec::bad>(text("bad",
                              "PromQL that counts bad events within $window; this or good.",
                              "sum(increase(http_requests_total{code=~\"5..\"}[$window]))")),
    field<&SloSpec::total>(text("total",
                                "PromQL that counts all events within $window.",
                                "sum(increase(http_requests_total[$window]))")),
    field<&SloSpec::bad_when>(text("badWhen",
                                   "Instead of counts: PromQL that is 1 while things are bad and 0 "
                                   "while they are not; moments are counted.",
                                   "max(queue_age_seconds) > bool 60")),
    field<&SloSpec::slice_target>({.key = "sliceTarget",
                                   .type = FieldType::kPercent,
                                   .min = 0,
                                   .max = 999'999,
                                   .description = "Count moments instead of events: one is good "
                                                  "when so many percent of the events of its last "
                                                  "minute are. 0: events are counted."}),
    field<&SloSpec::by>({.key = "by",
                         .type = FieldType::kTextList,
                         .description = "Labels that the queries keep: an objective for each of "
                                        "their values.",
                         .example = "[route]"}),
    field<&SloSpec::max_groups>(
        count("maxGroups",
              1,
              1'000,
              "How many of them there may be; those with the most events are kept, and an alert "
              "tells of more."))};

}  // namespace

std::span<const Field<KafkaCluster>> fields_of(const KafkaCluster& /*kind*/) {
  return kKafkaCluster;
}

std::span<const Field<GpuPool>> fields_of(const GpuPool& /*kind*/) {
  return kGpuPool;
}

std::span<const Field<ModelService>> fields_of(const ModelService& /*kind*/) {
  return kModelService;
}

std::span<const Field<Service>> fields_of(const Service& /*kind*/) {
  return kService;
}

std::span<const Field<SloSpec>> slo_fields() {
  return kSlo;
}

}  // namespace plumbline
