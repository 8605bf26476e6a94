// SPDX-License-Identifier: Apache-2.0
#include "agent/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "agent/core/series.h"

namespace plumbline {
namespace {

Position position_of(const YAML::Mark& mark) {
  return {static_cast<std::size_t>(std::max(mark.line, 0)) + 1,
          static_cast<std::size_t>(std::max(mark.column, 0)) + 1};
}

// The lines of a text, counted from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    for (;;) {
      const auto end = text.find('\n');
      lines_.push_back(text.substr(0, end));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }

  // Empty beyond the last one.
  std::string_view operator[](std::size_t number) const {
    return number <= lines_.size() ? lines_[number - 1] : std::string_view();
  }

 private:
  std::vector<std::string_view> lines_;
};

Position position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto newline = before.rfind('\n');
  return {line, newline == std::string_view::npos ? offset + 1 : offset - newline};
}

// Correct YAML that we do not take. An exception, since it crosses the parser.
class Refusal : public YAML::ParserException {
 public:
  using ParserException::ParserException;
};

enum class Documents : std::uint8_t { kOne, kMany };

// Builds values from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Lines& lines, Documents wanted) : lines_(lines), wanted_(wanted) {}

  std::vector<YamlValue> take() { return std::move(roots_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (wanted_ == Documents::kOne && !roots_.empty()) {
      throw Refusal(mark, "a second document begins here");
    }
    roots_.emplace_back();
    anchors_.clear();  // the parser numbers them anew
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, {.at = position_of(mark)}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Refusal(mark, "an alias stands inside the value it repeats");
    }
    count(mark, found->second.size);
    // The copy keeps the position of the original: that is where it must be mended.
    attach(YamlValue(found->second.value));
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& /*tag*/,
                YAML::anchor_t anchor,
                const std::string& value) override {
    const auto at = position_of(mark);
    add(mark,
        {.kind = YamlValue::Kind::kScalar,
         .at = at,
         .length = source_length(at, value),
         .text = value},
        anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(YamlValue::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(YamlValue::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YamlValue value;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::size_t first;  // values counted before it
    std::optional<YamlValue> key;
  };
  struct Anchor {
    YamlValue value;
    std::size_t size;
  };

  void count(const YAML::Mark& mark, std::size_t values) {
    values_ += values;
    if (values_ <= kMaxYamlValues) return;
    throw Refusal(mark, fmt::format("more than {} values, aliases included", kMaxYamlValues));
  }

  // How much of the line the scalar takes, quotes included.
  std::size_t source_length(const Position& at, const std::string& value) const {
    const auto line = lines_[at.line];
    if (at.column > line.size()) return 1;
    const auto token = line.substr(at.column - 1);
    const bool quoted = token.front() == '"' || token.front() == '\'';
    return std::max<std::size_t>(1, std::min(token.size(), value.size() + (quoted ? 2 : 0)));
  }

  void add(const YAML::Mark& mark, YamlValue value, YAML::anchor_t anchor) {
    count(mark, 1);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, 1};
    attach(std::move(value));
  }

  void begin(YamlValue::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(mark, 1);
    open_.push_back({.value = {.kind = kind, .at = position_of(mark)},
                     .mark = mark,
                     .anchor = anchor,
                     .first = values_,
                     .key = std::nullopt});
  }

  void end() {
    auto done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != YAML::NullAnchor) {
      const auto size = values_ - done.first + 1;
      count(done.mark, size);  // the copy kept for aliases
      anchors_[done.anchor] = {done.value, size};
    }
    attach(std::move(done.value));
  }

  void attach(YamlValue value) {
    if (open_.empty()) {
      roots_.back() = std::move(value);
      return;
    }
    auto& parent = open_.back();
    if (parent.value.kind == YamlValue::Kind::kList) {
      parent.value.items.push_back(std::move(value));
    } else if (!parent.key) {
      parent.key = std::move(value);
    } else {
      parent.value.entries.push_back({*std::exchange(parent.key, std::nullopt), std::move(value)});
    }
  }

  const Lines& lines_;
  Documents wanted_;
  std::size_t values_ = 0;
  std::vector<YamlValue> roots_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchor> anchors_;
};

// The parser's words in ours, where they are those of its insides.
std::string explain(const std::string& message, std::string_view line) {
  const auto indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string_view::npos) return "a tab cannot indent YAML; use spaces";
  static const std::array<std::pair<std::string_view, std::string_view>, 5> kWords{{
      {YAML::ErrorMsg::MAP_VALUE,
       "a ':' where no key can stand (quote the text, or mend the indentation)"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a '[' is not closed"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "a '{' is not closed"},
      {YAML::ErrorMsg::END_OF_MAP, "a line that belongs to no section; mend the indentation"},
      {YAML::ErrorMsg::EOF_IN_SCALAR, "a quote is not closed"},
  }};
  for (const auto& [theirs, ours] : kWords) {
    if (message == theirs) return fmt::format("not YAML: {}", ours);
  }
  return "not YAML: " + message;
}

Problem syntax_problem(const std::shared_ptr<const Source>& source,
                       const Lines& lines,
                       const YAML::ParserException& exception) {
  auto at = position_of(exception.mark);
  const auto line = lines[at.line];
  at.column = std::min(at.column, line.size() + 1);
  return {.source = source,
          .at = at,
          .what = dynamic_cast<const Refusal*>(&exception) != nullptr
                      ? exception.msg
                      : explain(exception.msg, line)};
}

}  // namespace

std::string_view to_string(YamlValue::Kind kind) {
  switch (kind) {
    case YamlValue::Kind::kNull:
      return "nothing";
    case YamlValue::Kind::kScalar:
      return "a single value";
    case YamlValue::Kind::kList:
      return "a list";
    case YamlValue::Kind::kMap:
      return "a section of keys";
  }
  return "a value";
}

std::optional<Problem> find_bad_byte(const std::shared_ptr<const Source>& source) {
  const auto& text = source->text;
  const auto valid = valid_utf8(text);
  const auto differs = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end()).first;
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
           c == 0x7f;
  });
  const auto first = std::min(differs, control);
  if (first == text.end()) return std::nullopt;
  const auto offset = static_cast<std::size_t>(first - text.begin());
  return Problem{
      .source = source,
      .at = position_of(text, offset),
      .what = fmt::format("byte 0x{:02x} is not text", static_cast<unsigned char>(*first)),
      .expected = "text in UTF-8"};
}

namespace {

std::vector<YamlValue> parse(const std::shared_ptr<const Source>& source,
                             Documents wanted,
                             std::vector<Problem>& problems) {
  if (source->text.size() > kMaxYamlBytes) {
    problems.push_back({.source = source,
                        .what = "the file is too big",
                        .expected = fmt::format("at most {} KiB", kMaxYamlBytes >> 10U)});
    return {};
  }
  if (auto bad = find_bad_byte(source)) {
    problems.push_back(std::move(*bad));
    return {};
  }
  const Lines lines(source->text);
  try {
    std::istringstream stream(source->text);
    YAML::Parser parser(stream);
    Builder builder(lines, wanted);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const YAML::ParserException& exception) {
    problems.push_back(syntax_problem(source, lines, exception));
    return {};
  }
}

}  // namespace

YamlValue parse_yaml(const std::shared_ptr<const Source>& source, std::vector<Problem>& problems) {
  auto documents = parse(source, Documents::kOne, problems);
  return documents.empty() ? YamlValue{} : std::move(documents.front());
}

std::vector<YamlValue> parse_yaml_documents(const std::shared_ptr<const Source>& source,
                                            std::vector<Problem>& problems) {
  return parse(source, Documents::kMany, problems);
}

}  // namespace plumbline
