// SPDX-License-Identifier: Apache-2.0
//
// The verbs that read a journal, as command_line.cc lists them.
#pragma once

#include <array>

#include "agent/commands/command_line.h"
#include "agent/commands/options.h"

namespace plumbline {

inline constexpr std::array<std::string_view, 2> kDumpForms{"otlp_json", "csv"};
inline constexpr std::array<std::string_view, 3> kSignalNames{"metrics", "traces", "logs"};
inline constexpr std::array<std::string_view, 3> kStreamNames{"export", "1s", "10s"};
inline constexpr std::array<std::string_view, 3> kCompressions{"none", "gzip", "zstd"};

inline constexpr Option kJournal{
    .name = "journal",
    .value = "FILE",
    .kind = ValueKind::kFile,
    .help = "The journal or bundle to read, instead of the one in the agent's state directory."};
inline constexpr Option kFrom{
    .name = "from",
    .value = "TIME",
    .kind = ValueKind::kText,
    .help =
        "From this time on: \"3m ago\", 14:05, \"yesterday 14:05\", "
        "\"2026-11-21 14:05\" (local), 2026-11-21T14:05:30Z or seconds since "
        "1970. From the beginning if not told."};
inline constexpr Option kTo{
    .name = "to",
    .value = "TIME",
    .kind = ValueKind::kText,
    .help = "Up to this time, itself not included. To the end if not told."};
inline constexpr Option kSignal{.name = "signal",
                                .value = "NAME",
                                .kind = ValueKind::kChoice,
                                .choices = kSignalNames,
                                .help = "Only this signal."};
inline constexpr Option kMetric{.name = "metric",
                                .value = "PATTERN",
                                .kind = ValueKind::kText,
                                .repeat = Repeat::kMany,
                                .help = "Only metrics of this name; * and ? stand for anything."};
inline constexpr Option kStreamFinest{
    .name = "stream",
    .value = "NAME",
    .kind = ValueKind::kChoice,
    .choices = kStreamNames,
    .help =
        "What to read: the requests as they were exported, or the record of every second or of "
        "every ten. The finest that has something of the range if not told."};
inline constexpr Option kStreamSent{
    .name = "stream",
    .value = "NAME",
    .kind = ValueKind::kChoice,
    .choices = kStreamNames,
    .help =
        "What to send: the requests as they were exported, or the record of every second or of "
        "every ten. The first that has something of the range if not told."};
inline constexpr Option kStreamAll{
    .name = "stream",
    .value = "NAME",
    .kind = ValueKind::kChoice,
    .choices = kStreamNames,
    .help =
        "Only the requests as they were exported, or the record of every second or of every "
        "ten. All of them if not told."};
inline constexpr Option kDumpOutput{
    .letter = 'o',
    .name = "output",
    .value = "FORM",
    .kind = ValueKind::kChoice,
    .choices = kDumpForms,
    .help =
        "OTLP in JSON, a request a line, or CSV with a line for each data "
        "point; otlp_json if not told."};
inline constexpr Option kBundle{.name = "bundle",
                                .value = "FILE",
                                .kind = ValueKind::kFile,
                                .help = "The file to write. One that exists is never touched."};

inline constexpr std::array kStatsOptions{kJournal, kConfig, kStateDir, kOutput};
inline constexpr std::array kDumpOptions{
    kJournal, kFrom, kTo, kSignal, kMetric, kStreamFinest, kDumpOutput, kConfig, kStateDir};
inline constexpr std::array kExportOptions{
    kBundle, kJournal, kFrom, kTo, kSignal, kMetric, kStreamAll, kOutput, kConfig, kStateDir};
inline constexpr std::array kReplayOptions{
    Option{.name = "target",
           .value = "URL",
           .kind = ValueKind::kText,
           .help = "The OTLP receiver to send to: grpc://HOST:4317, grpcs://, http://HOST:4318 or "
                   "https://."},
    kFrom,
    kTo,
    kSignal,
    kMetric,
    kStreamSent,
    kJournal,
    Option{.name = "speed",
           .value = "SPEED",
           .kind = ValueKind::kText,
           .help = "How fast: max, 1x as it was, 10x ten times as fast; max if not told."},
    Option{.name = "give-up-after",
           .value = "TIME",
           .kind = ValueKind::kText,
           .help = "End when the receiver has taken nothing for so long; 5m if not told."},
    Option{.name = "header",
           .value = "NAME: VALUE",
           .kind = ValueKind::kText,
           .repeat = Repeat::kMany,
           .help = "Send this header with every request. Secrets belong into --headers-file."},
    Option{.name = "headers-file",
           .value = "FILE",
           .kind = ValueKind::kFile,
           .help = "Headers to send, a \"name: value\" a line."},
    Option{.name = "bearer-token-file",
           .value = "FILE",
           .kind = ValueKind::kFile,
           .help = "A token to send as Authorization."},
    Option{.name = "compression",
           .value = "NAME",
           .kind = ValueKind::kChoice,
           .choices = kCompressions,
           .help = "How requests are compressed; gzip if not told."},
    Option{.name = "timeout",
           .value = "TIME",
           .kind = ValueKind::kText,
           .help = "How long to wait for an answer; 10s if not told."},
    Option{.name = "max-request",
           .value = "SIZE",
           .kind = ValueKind::kText,
           .help = "How large a request may be before compression; 3500kB if not told."},
    Option{.name = "ca-file",
           .value = "FILE",
           .kind = ValueKind::kFile,
           .help = "Certificates (PEM) to trust, instead of the system's."},
    Option{.name = "certificate-file",
           .value = "FILE",
           .kind = ValueKind::kFile,
           .help = "The client's certificate (PEM)."},
    Option{.name = "key-file",
           .value = "FILE",
           .kind = ValueKind::kFile,
           .help = "The key (PEM) of --certificate-file."},
    Option{.name = "server-name",
           .value = "NAME",
           .kind = ValueKind::kText,
           .help = "The name to expect in the receiver's certificate."},
    kOutput,
    kConfig,
    kStateDir};

inline constexpr std::array kStatsExamples{
    Example{"plumbline journal stats", "what the journal holds and where each destination stands"},
    Example{"plumbline journal stats --journal incident.bundle -o json",
            "the same of a bundle, for a program"}};
inline constexpr std::array kVerifyExamples{
    Example{"plumbline journal verify", "see whether the journal of this machine is sound"}};
inline constexpr std::array kDumpExamples{
    Example{"plumbline journal dump --from \"3m ago\" --metric 'system.cpu.*' -o csv",
            "the last three minutes of the CPU, every second, as a table"},
    Example{"plumbline journal dump --from 14:05 --to 14:10 --stream export",
            "what destinations were sent in these five minutes"}};
inline constexpr std::array kExportExamples{
    Example{"plumbline journal export --from 14:00 --to 14:20 --bundle incident.bundle",
            "twenty minutes in one file that every command reads"}};
inline constexpr std::array kVacuumExamples{
    Example{"sudo plumbline journal vacuum", "give free space of the journal back"}};
inline constexpr std::array kReplayExamples{
    Example{"plumbline replay --from \"1h ago\" --target grpc://backend:4317",
            "send the last hour again"},
    Example{"plumbline replay --journal incident.bundle --stream 1s --target http://localhost:4318",
            "send every second of a bundle to a Collector here"}};

inline constexpr Verb kJournalStats{
    .name = "journal stats",
    .summary = "tell what the journal holds and where each destination stands",
    .description =
        "For each record its batches, items, bytes and times; for each destination "
        "its ledger and the age of the oldest item that waits for it; events and "
        "budgets. Reads beside a running agent.",
    .argument = std::nullopt,
    .options = kStatsOptions,
    .examples = kStatsExamples};

inline constexpr Verb kJournalVerify{
    .name = "journal verify",
    .summary = "tell whether the journal is sound, and what is damaged",
    .description =
        "Goes through the pages and indexes of the file and through every batch: "
        "its checksum, its place in its chain, the request in it. Ends with 0 when "
        "all is sound, with 3 and a list when something is damaged. Changes "
        "nothing: the agent puts a damaged journal aside by itself.",
    .argument = std::nullopt,
    .options = kStatsOptions,
    .examples = kVerifyExamples};

inline constexpr Verb kJournalDump{
    .name = "journal dump",
    .summary = "write a range of the journal as OTLP JSON or CSV",
    .description =
        "To standard output. A line of JSON is one export request, as --stdout "
        "otlp_json of run writes it; CSV has a line for each data point. Ends with "
        "1 when the range is empty, with 5 when damaged batches were left out.",
    .argument = std::nullopt,
    .options = kDumpOptions,
    .examples = kDumpExamples};

inline constexpr Verb kJournalExport{
    .name = "journal export",
    .summary = "write a range of the journal to one portable file",
    .description =
        "The bundle holds the batches and events of the range and says what it "
        "holds and where it is from. It is itself a journal: give it to --journal "
        "of every command that reads one. Ends with 5 when damaged batches were "
        "left out.",
    .argument = std::nullopt,
    .options = kExportOptions,
    .examples = kExportExamples};

inline constexpr Verb kJournalVacuum{
    .name = "journal vacuum",
    .summary = "give the free space of the journal back",
    .description =
        "Beside a running agent too: a megabyte at a time, so that it goes on "
        "writing. What the agent needs again, it takes again.",
    .argument = std::nullopt,
    .options = kStatsOptions,
    .examples = kVacuumExamples};

inline constexpr Verb kReplay{
    .name = "replay",
    .summary = "send a range of the journal again",
    .description =
        "Sends to one OTLP receiver as the agent does: merged, compressed, with "
        "pauses when the receiver asks for them, until it has everything. The "
        "first SIGINT or SIGTERM waits for the answer to the request under way and "
        "says where to go on. Ends with 0 when all was delivered, with 3 when the "
        "receiver refused some of it, with 5 when damaged batches were left out, "
        "with 1 when it was interrupted or gave up.",
    .argument = std::nullopt,
    .options = kReplayOptions,
    .examples = kReplayExamples};

}  // namespace plumbline
