// SPDX-License-Identifier: Apache-2.0
#include "agent/config/document.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "agent/config/fields.h"

namespace plumbline {
namespace {

constexpr std::size_t kWidth = 100;

// `text` in lines of "# …" below `indent`.
std::string comment(std::string_view indent, std::string_view text) {
  std::string out;
  std::string line = fmt::format("{}#", indent);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = fmt::format("{}#", indent);
    }
    line += fmt::format(" {}", word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

std::string value_of(const DocumentedField& field) {
  const auto value = format_value(*field.info, field.default_value);
  return value.empty() ? std::string(field.info->example) : value;
}

bool has_bounds_worth_telling(const FieldInfo& info) {
  switch (info.type) {
    case FieldType::kCount:
    case FieldType::kDuration:
    case FieldType::kSize:
    case FieldType::kChoice:
      return true;
    default:
      return false;
  }
}

std::string describe(std::string_view indent, const DocumentedField& field) {
  auto text = std::string(field.info->description);
  if (has_bounds_worth_telling(*field.info)) {
    auto expected = describe_expected(*field.info);
    expected.front() =
        static_cast<char>(std::toupper(static_cast<unsigned char>(expected.front())));
    text += fmt::format(" {}.", expected.substr(0, expected.find(", such")));
  }
  return comment(indent, text);
}

// The fields of one level: "log.level" becomes "level" below "#log:".
std::string level(const std::vector<DocumentedField>& fields,
                  std::string_view prefix,
                  std::string_view first_indent,
                  std::string_view indent) {
  std::string out;
  std::string section;
  bool is_first = true;
  for (const auto& field : fields) {
    if (!field.key.starts_with(prefix)) continue;
    auto key = field.key.substr(prefix.size());
    const auto dot = key.find('.');
    std::string deeper(indent);
    if (prefix.empty()) out += "\n";
    if (dot != std::string::npos) {
      if (key.substr(0, dot) != section) {
        section = key.substr(0, dot);
        out += fmt::format("#{}{}:\n", indent, section);
      }
      key = key.substr(dot + 1);
      deeper += "  ";
    }
    out += describe(deeper, field);
    out += fmt::format("#{}{}: {}\n", is_first ? first_indent : deeper, key, value_of(field));
    is_first = false;
  }
  return out;
}

bool is_top(const DocumentedField& field) {
  return field.key.find("[]") == std::string::npos && !field.key.starts_with("collectors.");
}

}  // namespace

std::string example_config() {
  const auto all = documented_fields();
  std::vector<DocumentedField> top;
  std::copy_if(all.begin(), all.end(), std::back_inserter(top), is_top);
  return comment("",
                 "The configuration of plumbline, read from /etc/plumbline/plumbline.yaml or from "
                 "--config FILE. Everything is optional: what is written here are the defaults, or "
                 "examples where there is none. `plumbline check` reads a file and tells what is "
                 "wrong with it; SIGHUP makes a running agent read it again.") +
         level(top, "", "", "") + "\n" +
         comment("", "Collectors by name; `plumbline catalog` lists them.") + "#collectors:\n" +
         "#  sched:\n" + level(all, "collectors.NAME.", "    ", "    ") + "\n" +
         comment("", "Where metrics are sent over OTLP: any number of destinations.") + "#otlp:\n" +
         level(all, "otlp[].", "  - ", "    ") + "\n" +
         comment("", "OTLP over Kafka: any number of clusters.") + "#kafka:\n" +
         level(all, "kafka[].", "  - ", "    ") + "\n" +
         comment("", "Kafka clusters that the collector kafka looks at.") + "#kafka_clusters:\n" +
         level(all, "kafka_clusters[].", "  - ", "    ") + "\n" +
         comment("", "ClickHouse servers to look at.") + "#clickhouse:\n" +
         level(all, "clickhouse[].", "  - ", "    ");
}

}  // namespace plumbline
