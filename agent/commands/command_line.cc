// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/command_line.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/commands/exit_code.h"
#include "agent/commands/journal_verbs.h"
#include "agent/commands/manifest_verbs.h"
#include "agent/commands/options.h"

namespace plumbline {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kCatalogForms{"table"sv, "markdown"sv, "json"sv};
constexpr std::array kShells{"bash"sv, "zsh"sv};
constexpr std::array kLogFormats{"text"sv, "json"sv};
constexpr std::array kLogLevels{"error"sv, "warning"sv, "info"sv, "debug"sv};
constexpr std::array kStdoutForms{"off"sv, "readable"sv, "otlp_json"sv};

constexpr Option kListen{.name = "listen",
                         .value = "ADDR:PORT",
                         .kind = ValueKind::kText,
                         .help = "Where to serve metrics and health; 127.0.0.1:9464 if not told."};
constexpr Option kOtlp{.name = "otlp",
                       .value = "URL",
                       .kind = ValueKind::kText,
                       .repeat = Repeat::kMany,
                       .help =
                           "Send to this OTLP receiver: grpc://HOST:4317, grpcs://, "
                           "http://HOST:4318 or https://. Replaces the destinations of the "
                           "file."};
constexpr Option kSet{.name = "set",
                      .value = "KEY=VALUE",
                      .kind = ValueKind::kSetting,
                      .repeat = Repeat::kMany,
                      .help =
                          "Set one value of the configuration, over the file: "
                          "export.interval=5s, otlp.0.compression=zstd."};
constexpr Option kManifestFolder{.name = "manifests",
                                 .value = "DIR",
                                 .kind = ValueKind::kDirectory,
                                 .help =
                                     "Compare the manifests below this folder with what is "
                                     "there."};
constexpr Option kLogFormat{.name = "log-format",
                            .value = "FORM",
                            .kind = ValueKind::kChoice,
                            .choices = kLogFormats,
                            .help = "How log lines on standard error look."};
constexpr Option kLogLevel{.name = "log-level",
                           .value = "LEVEL",
                           .kind = ValueKind::kChoice,
                           .choices = kLogLevels,
                           .help = "The least important lines that are written."};
constexpr Option kStdout{.name = "stdout",
                         .value = "FORM",
                         .kind = ValueKind::kChoice,
                         .choices = kStdoutForms,
                         .help = "Write every export to standard output too."};
constexpr Option kDenyHook{.name = "deny-hook",
                           .value = "NAME",
                           .kind = ValueKind::kText,
                           .repeat = Repeat::kMany,
                           .help = "Do as if the kernel did not have this hook."};
constexpr Option kUrl{.name = "url",
                      .value = "URL",
                      .kind = ValueKind::kText,
                      .help =
                          "Where the agent serves, such as http://127.0.0.1:9464, instead of "
                          "what the configuration says."};
constexpr Option kTimeout{.name = "timeout",
                          .value = "TIME",
                          .kind = ValueKind::kText,
                          .help = "How long to wait for the answer; 5s if not told."};
constexpr Option kCollectorName{.name = "collector",
                                .value = "NAME",
                                .kind = ValueKind::kCollector,
                                .repeat = Repeat::kMany,
                                .help = "Only this collector."};

constexpr std::array kRunOptions{kConfig,
                                 kManifestFolder,
                                 kListen,
                                 kOtlp,
                                 kSet,
                                 kStateDir,
                                 kLogFormat,
                                 kLogLevel,
                                 kStdout,
                                 kDenyHook};
// Of what `run` takes, and how to say what is found.
constexpr auto kCheckOptions = [] {
  std::array<Option, kRunOptions.size() + 1> options{};
  *std::copy(kRunOptions.begin(), kRunOptions.end(), options.begin()) = kOutput;
  return options;
}();
constexpr std::array kStatusOptions{kConfig, kSet, kUrl, kTimeout, kOutput};
constexpr std::array kDoctorOptions{kConfig, kSet, kDenyHook, kOutput};
constexpr std::array kCatalogOptions{kCollectorName,
                                     Option{.letter = 'o',
                                            .name = "output",
                                            .value = "FORM",
                                            .kind = ValueKind::kChoice,
                                            .choices = kCatalogForms,
                                            .help = "How the answer is written."}};

constexpr std::array kRunExamples{
    Example{"sudo plumbline run", "measure this machine, serve http://127.0.0.1:9464/metrics"},
    Example{"sudo plumbline run --otlp grpc://localhost:4317", "send to a Collector as well"},
    Example{"sudo plumbline run --stdout readable --set export.interval=1s",
            "look at the numbers in the terminal"}};
constexpr std::array kCheckExamples{
    Example{"plumbline check plumbline.yaml", "tell everything that is wrong with a file"},
    Example{"plumbline check plumbline.yaml -o json", "the same for an editor or a pipeline"}};
constexpr std::array kDoctorExamples{
    Example{"sudo plumbline doctor", "see what can be measured here, and how"},
    Example{"sudo plumbline doctor --deny-hook sched_switch",
            "see what would be lost without a hook"}};
constexpr std::array kStatusExamples{
    Example{"plumbline status", "how the agent of this machine fares"},
    Example{"plumbline status --url http://10.0.0.7:9464 -o json", "another one, for a script"}};
constexpr std::array kCatalogExamples{
    Example{"plumbline catalog --collector sched", "the metrics of one collector"},
    Example{"plumbline catalog -o markdown", "all of them as a table for a document"}};
constexpr std::array kCompletionExamples{
    Example{"plumbline completion bash | sudo tee /etc/bash_completion.d/plumbline",
            "complete in every new bash"},
    Example{"plumbline completion zsh > ~/.zfunc/_plumbline",
            "complete in zsh, when ~/.zfunc is in fpath"}};

constexpr std::array kVerbs{
    Verb{.name = "run",
         .summary = "measure this machine, serve and send the numbers",
         .description = "Runs in the foreground until SIGTERM or SIGINT, and then delivers what is "
                        "queued. SIGHUP reads the configuration again; one that makes no sense is "
                        "refused and the old one goes on. Needs no file and no option. Without the "
                        "rights for eBPF it measures what is left and says what is missing.",
         .argument = std::nullopt,
         .options = kRunOptions,
         .examples = kRunExamples},
    Verb{.name = "check",
         .summary = "tell what is wrong with a configuration",
         .description = "Reads the configuration as run would, with the same options, and tells "
                        "everything that is wrong with it at once. Ends with 0 when nothing is, "
                        "with 2 when run would refuse it, with 3 when there are warnings only.",
         .argument =
             Argument{
                 .name = "FILE", .kind = ValueKind::kFile, .help = "The same as --config FILE."},
         .options = kCheckOptions,
         .examples = kCheckExamples},
    Verb{.name = "status",
         .summary = "tell how the running agent fares",
         .description = "Asks the running agent: its version and age, every destination with what "
                        "became of what was collected and how long the oldest waits, collectors, "
                        "signals that are missing, the journal, who names pods, and the metrics "
                        "and labels with the most series. Ends with 0 when all is well, with 3 "
                        "when something needs a look (it stands first), with 1 when no agent "
                        "answers.",
         .argument = std::nullopt,
         .options = kStatusOptions,
         .examples = kStatusExamples},
    Verb{.name = "doctor",
         .summary = "tell what can be measured on this machine, how, and what is missing",
         .description = "Looks at the kernel and at the rights of this process, then opens every "
                        "collector as run would and lists each signal with its mechanism, or with "
                        "the reason why it is missing and how to get it. Ends with 0 when every "
                        "signal is available, else with 3.",
         .argument = std::nullopt,
         .options = kDoctorOptions,
         .examples = kDoctorExamples},
    Verb{.name = "catalog",
         .summary = "list every metric with its name, unit, attributes and source",
         .description = "Needs no rights and opens nothing: this is what the program can measure, "
                        "not what it does measure here.",
         .argument = std::nullopt,
         .options = kCatalogOptions,
         .examples = kCatalogExamples},
    kExplain,
    kGenerate,
    kRunbook,
    kDiff,
    kSchema,
    kJournalStats,
    kJournalVerify,
    kJournalDump,
    kJournalExport,
    kJournalVacuum,
    kReplay,
    Verb{.name = "completion",
         .summary = "write the completion script of a shell",
         .description = "The script goes to standard output.",
         .argument = Argument{.name = "SHELL",
                              .kind = ValueKind::kChoice,
                              .choices = kShells,
                              .presence = Argument::Presence::kRequired,
                              .help = "bash or zsh."},
         .options = {},
         .examples = kCompletionExamples},
};

constexpr std::array kExitMeanings{
    ExitMeaning{kDone, "done"},
    ExitMeaning{kFailed, "it could not be done; standard error says why"},
    ExitMeaning{kUsage, "the command line, the configuration or another input makes no sense"},
    ExitMeaning{kFindings, "done, and there are findings: warnings, or signals that are missing"},
    ExitMeaning{kObjectiveBreached, "an objective is breached"},
    ExitMeaning{kPartialData, "the answer lacks something that could not be read"},
};

}  // namespace

std::span<const Verb> verbs() {
  return kVerbs;
}

std::string_view group_of(const Verb& verb) {
  const auto end = verb.name.find(' ');
  return end == std::string_view::npos ? std::string_view() : verb.name.substr(0, end);
}

std::string_view word_of(const Verb& verb) {
  const auto group = group_of(verb);
  return group.empty() ? verb.name : verb.name.substr(group.size() + 1);
}

std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const auto& verb : kVerbs) {
    const auto word = std::string(group_of(verb).empty() ? verb.name : group_of(verb));
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
  }
  return words;
}

std::vector<std::string> words_of_group(std::string_view group) {
  std::vector<std::string> words;
  for (const auto& verb : kVerbs) {
    if (!group.empty() && group_of(verb) == group) words.emplace_back(word_of(verb));
  }
  return words;
}

std::string_view program_summary() {
  return "One small agent per node that sees what the kernel does, at one second resolution, and "
         "tells it as OTLP and Prometheus metrics.";
}

std::span<const ExitMeaning> exit_meanings() {
  return kExitMeanings;
}

std::string synopsis(const Option& option) {
  const auto letter =
      option.letter == 0 ? std::string("    ") : fmt::format("-{}, ", option.letter);
  return fmt::format(
      "{}--{}{}{}", letter, option.name, option.value.empty() ? "" : " ", option.value);
}

}  // namespace plumbline
