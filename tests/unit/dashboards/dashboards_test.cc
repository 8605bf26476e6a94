// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/generate/generate.h"
#include "agent/manifest/read.h"
#include "agent/runtime/catalogue.h"
#include "dashboards/board.h"
#include "dashboards/files.h"
#include "dashboards/units.h"
#include "tests/support/golden.h"

namespace plumbline::dashboards {
namespace {

namespace fs = std::filesystem;

const fs::path kGenerated = "dashboards/generated";

// "grafana/dashboards/x.json" stands in dashboards/generated/SCHEMA/x.json.
fs::path committed(const std::string& path, const std::string& schema) {
  const std::string boards = kBoardsFolder;
  if (path.starts_with(boards)) return kGenerated / schema / path.substr(boards.size() + 1);
  return kGenerated / path.substr(path.find('/') + 1);
}

// A selector of an expression, "name{labels}" or "name[", with the labels it asks for.
struct Selector {
  std::string name;
  std::set<std::string> labels;
};

std::vector<Selector> selectors_of(const std::string& expr) {
  const std::regex selector(R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\}|\[))");
  const std::regex label(R"(([a-z_][a-z0-9_]*)(=~|!~|!=|=))");
  std::vector<Selector> found;
  for (std::sregex_iterator it(expr.begin(), expr.end(), selector), end; it != end; ++it) {
    Selector one{.name = (*it)[1], .labels = {}};
    const auto labels = std::regex_replace((*it)[2].str(), std::regex(R"("[^"]*")"), "");
    for (std::sregex_iterator l(labels.begin(), labels.end(), label); l != end; ++l) {
      one.labels.insert((*l)[1]);
    }
    found.push_back(std::move(one));
  }
  return found;
}

// The labels of every "by (…)".
std::set<std::string> grouped_by(const std::string& expr) {
  const std::regex by(R"(by \(([^)]*)\))");
  const std::regex word("[a-z_0-9]+");
  std::set<std::string> labels;
  for (std::sregex_iterator it(expr.begin(), expr.end(), by), end; it != end; ++it) {
    const auto inside = (*it)[1].str();
    for (std::sregex_iterator w(inside.begin(), inside.end(), word); w != end; ++w) {
      labels.insert(w->str());
    }
  }
  return labels;
}

// What Prometheus adds, and what the agent adds to series of pods.
bool is_added(const std::string& label) {
  static const std::set<std::string> added{"job",
                                           "instance",
                                           "le",
                                           "k8s_namespace_name",
                                           "k8s_pod_name",
                                           "k8s_container_name",
                                           "plumbline_team"};
  return added.contains(label);
}

struct Known {
  MetricSpec spec;
  std::set<std::string> labels;
};

// By the names that Prometheus has.
const std::map<std::string, Known>& known_metrics() {
  static const auto known = [] {
    std::map<std::string, Known> out;
    for (const auto& collector : whole_catalogue()) {
      for (const auto& spec : collector.metrics) {
        Known one{.spec = spec, .labels = {}};
        for (const auto key : one.spec.attributes) one.labels.insert(prometheus_label(key));
        const auto name = prometheus_name(one.spec);
        if (one.spec.instrument == Instrument::kHistogram) {
          for (const auto* suffix : {"_bucket", "_count", "_sum"}) out.emplace(name + suffix, one);
        } else {
          out.emplace(name, one);
        }
      }
    }
    return out;
  }();
  return known;
}

// The series that the rules of the two documents record, with the labels they have.
const std::set<std::string>& recorded() {
  static const auto names = [] {
    std::set<std::string> out;
    const auto loaded = load_manifests({"tests/golden/manifest/platform.yaml"});
    const std::regex record(R"(- record: (\S+))");
    generate_files(loaded.manifests, [&](const GeneratedFile& file) {
      for (std::sregex_iterator it(file.text.begin(), file.text.end(), record), end; it != end;
           ++it) {
        out.insert((*it)[1]);
      }
    });
    return out;
  }();
  return names;
}

bool is_of_rules(const std::string& name) {
  return name == "ALERTS" || name.starts_with("slo:");
}

struct Asked {
  std::string where;
  std::string expr;
  const Panel* panel = nullptr;
};

std::vector<Asked> all_queries(const std::vector<Board>& boards) {
  std::vector<Asked> out;
  for (const auto& board : boards) {
    for (const auto& row : board.rows) {
      for (const auto& panel : row.panels) {
        for (const auto& query : panel.queries) {
          out.push_back({board.title + " / " + panel.title, query.expr, &panel});
        }
      }
    }
    for (const auto& mark : board.marks) out.push_back({board.title, mark.expr, nullptr});
  }
  return out;
}

TEST(Generated, IsWhatIsCommitted) {
  for (const auto& [schema, name] : {std::pair{BoardSchema::kClassic, "dashboards"},
                                     std::pair{BoardSchema::kV2, "dashboards_v2"}}) {
    for (const auto& file : dashboard_files(schema)) {
      expect_golden(committed(file.path, name), file.text);
    }
  }
}

TEST(Generated, HasNothingBeside) {
  std::set<fs::path> wanted;
  for (const auto& file : dashboard_files(BoardSchema::kClassic)) {
    wanted.insert(committed(file.path, "dashboards"));
    wanted.insert(committed(file.path, "dashboards_v2"));
  }
  for (const auto& entry : fs::recursive_directory_iterator(kGenerated)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_TRUE(wanted.contains(entry.path())) << entry.path();
  }
}

TEST(Queries, AskForMetricsThatExistByLabelsThatTheyHave) {
  const auto boards = all_boards();
  for (const auto& asked : all_queries(boards)) {
    std::set<std::string> there;
    bool of_rules = false;
    for (const auto& selector : selectors_of(asked.expr)) {
      if (is_of_rules(selector.name)) {
        of_rules = true;
        EXPECT_TRUE(selector.name == "ALERTS" || recorded().contains(selector.name))
            << asked.where << ": no rule records " << selector.name;
        continue;
      }
      const auto known = known_metrics().find(selector.name);
      ASSERT_NE(known, known_metrics().end()) << asked.where << ": " << selector.name;
      there.insert(known->second.labels.begin(), known->second.labels.end());
      for (const auto& label : selector.labels) {
        EXPECT_TRUE(known->second.labels.contains(label) || is_added(label))
            << asked.where << ": " << selector.name << " has no " << label;
      }
    }
    if (of_rules) continue;
    for (const auto& label : grouped_by(asked.expr)) {
      EXPECT_TRUE(there.contains(label) || is_added(label)) << asked.where << ": no " << label;
    }
  }
}

TEST(Queries, TakeRatesOfWhatOnlyGrows) {
  const auto boards = all_boards();
  for (const auto& asked : all_queries(boards)) {
    const std::regex rate(R"((rate\()?([a-zA-Z_:][a-zA-Z0-9_:]*)[{\[])");
    for (std::sregex_iterator it(asked.expr.begin(), asked.expr.end(), rate), end; it != end;
         ++it) {
      const auto known = known_metrics().find((*it)[2]);
      if (known == known_metrics().end()) continue;
      const auto& spec = known->second.spec;
      const bool grows = spec.monotonic() || spec.unit == Unit::kOffset;
      if ((*it)[1].matched) {
        EXPECT_TRUE(grows) << asked.where << ": rate of " << spec.name;
      } else {
        EXPECT_FALSE(spec.monotonic()) << asked.where << ": no rate of " << spec.name;
      }
    }
  }
}

TEST(Queries, NameOnlyLabelsThatTheirResultHas) {
  const std::regex place(R"(\{\{([a-z_0-9]+)\}\})");
  for (const auto& board : all_boards()) {
    for (const auto& row : board.rows) {
      for (const auto& panel : row.panels) {
        for (const auto& query : panel.queries) {
          auto labels = grouped_by(query.expr);
          if (labels.empty() && query.expr.find("sum(") == std::string::npos) {
            labels = {"job", "instance", "slo", "service", "team"};
            for (const auto& selector : selectors_of(query.expr)) {
              const auto known = known_metrics().find(selector.name);
              if (known != known_metrics().end()) labels.merge(std::set(known->second.labels));
            }
          }
          for (std::sregex_iterator it(query.legend.begin(), query.legend.end(), place), end;
               it != end;
               ++it) {
            EXPECT_TRUE(labels.contains((*it)[1])) << board.title << " / " << panel.title << ": "
                                                   << query.legend << " of " << query.expr;
          }
        }
      }
    }
  }
}

TEST(Boards, ArePlacedWithoutOverlapAndWithNumbersOfTheirOwn) {
  for (const auto& board : all_boards()) {
    std::set<std::pair<int, int>> taken;
    std::set<int> ids;
    for (const auto& place : placed(board)) {
      EXPECT_TRUE(ids.insert(place.id).second);
      EXPECT_LE(place.x + place.width, 24) << board.title;
      for (int x = place.x; x < place.x + place.width; ++x) {
        for (int y = place.y; y < place.y + place.height; ++y) {
          EXPECT_TRUE(taken.insert({x, y}).second) << board.title << " " << x << " " << y;
        }
      }
    }
  }
}

TEST(Boards, LeadToBoardsThatHaveTheChosenVariables) {
  std::map<BoardId, std::set<std::string>> variables;
  std::set<std::string> uids;
  const auto boards = all_boards();
  for (const auto& board : boards) {
    EXPECT_TRUE(uids.emplace(board_uid(board.id)).second);
    EXPECT_LE(board_uid(board.id).size(), 40U);
    for (const auto& variable : board.variables) variables[board.id].insert(variable.name);
  }
  for (const auto& board : boards) {
    for (const auto& row : board.rows) {
      for (const auto& panel : row.panels) {
        ASSERT_TRUE(variables.contains(panel.next.board)) << panel.title;
        for (const auto& [variable, label] : panel.next.from_labels) {
          EXPECT_TRUE(variables[panel.next.board].contains(std::string(variable)))
              << panel.title << ": " << variable;
        }
      }
    }
  }
}

TEST(Boards, BeginWithFewNumbersAndHaveFewPanelsInARow) {
  for (const auto& board : all_boards()) {
    ASSERT_FALSE(board.rows.empty());
    EXPECT_LE(board.rows.size(), 8U) << board.title;
    for (const auto& panel : board.rows.front().panels) {
      EXPECT_EQ(panel.kind, PanelKind::kStat) << board.title;
    }
    for (const auto& row : board.rows) EXPECT_LE(row.panels.size(), 6U) << row.title;
  }
}

TEST(Panels, SayWhatGoodLooksLikeAndWhyTheyAreEmpty) {
  for (const auto& board : all_boards()) {
    for (const auto& row : board.rows) {
      for (const auto& panel : row.panels) {
        const auto where = board.title + " / " + panel.title;
        EXPECT_FALSE(panel.title.empty());
        EXPECT_FALSE(panel.queries.empty()) << where;
        EXPECT_FALSE(panel.reading.unit.empty()) << where;
        EXPECT_FALSE(panel.no_data.empty()) << where;
        EXPECT_THAT(panel.description, testing::HasSubstr("Good: ")) << where;
        EXPECT_TRUE(std::ranges::is_sorted(panel.reading.steps, {}, &Step::from)) << where;
      }
    }
  }
}

TEST(Links, OfAlertsSetVariablesThatTheBoardHas) {
  std::map<std::string, std::set<std::string>> variables;
  for (const auto& board : all_boards()) {
    auto& names = variables["/d/" + std::string(board_uid(board.id))];
    for (const auto& variable : board.variables) names.insert(variable.name);
  }
  const auto loaded = load_manifests({"tests/golden/manifest/platform.yaml"});
  std::size_t alerts = 0;
  std::size_t links = 0;
  const std::regex link(R"(dashboard_url: "https://grafana\.test([^?"]*)\??([^"]*)\")");
  const std::regex variable("var-([a-z]+)=");
  generate_files(
      loaded.manifests,
      [&](const GeneratedFile& file) {
        for (std::size_t at = 0; (at = file.text.find("- alert: ", at)) != std::string::npos;
             ++at) {
          ++alerts;
        }
        for (std::sregex_iterator it(file.text.begin(), file.text.end(), link), end; it != end;
             ++it, ++links) {
          ASSERT_TRUE(variables.contains((*it)[1])) << it->str();
          const auto chosen = (*it)[2].str();
          for (std::sregex_iterator v(chosen.begin(), chosen.end(), variable); v != end; ++v) {
            EXPECT_TRUE(variables[(*it)[1]].contains((*v)[1])) << it->str();
          }
        }
      },
      {.grafana = "https://grafana.test"});
  EXPECT_GT(alerts, 0U);
  EXPECT_EQ(links, alerts);
}

TEST(Links, KeepValuesApartFromTheUrl) {
  EXPECT_EQ(board_path(BoardId::kPipeline, {{"topic", "a&b c"}, {"group", "é"}}),
            "/d/plumbline-pipeline?var-topic=a%26b%20c&var-group=%C3%A9");
}

TEST(Units, OfEveryMetricAreKnownToGrafana) {
  const std::set<std::string_view> known{"percentunit",
                                         "s",
                                         "bytes",
                                         "Bps",
                                         "hertz",
                                         "celsius",
                                         "joule",
                                         "watt",
                                         "short",
                                         "cps",
                                         "pps",
                                         "ops",
                                         "reqps"};
  for (const auto& [name, metric] : known_metrics()) {
    EXPECT_TRUE(known.contains(grafana_unit(metric.spec))) << name;
    EXPECT_TRUE(known.contains(grafana_rate_unit(metric.spec))) << name;
  }
}

}  // namespace
}  // namespace plumbline::dashboards
