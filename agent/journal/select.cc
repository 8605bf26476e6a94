// SPDX-License-Identifier: Apache-2.0
// Requests of the three signals have one shape: request > resource > scope > item; metrics have
// metric > data between scope and item. What leads to items is walked, the rest copied as it is.
#include "agent/journal/select.h"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace plumbline {
namespace {

using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

struct TimeRange {
  UnixNanos first = 0;
  UnixNanos last = 0;
};

class Selector {
 public:
  Selector(Signal signal, const Selection& selection) : signal_(signal), selection_(selection) {}

  // Each copies the wanted part of a message; false when no item of it is wanted.
  bool request(data_view message, std::string& out) {
    return descend(message, is_first, out, &Selector::resource);
  }

  const SelectedItems& selected() const { return selected_; }

 private:
  using Level = bool (Selector::*)(data_view, std::string&);
  using Tags = bool (*)(std::uint32_t);

  static bool is_first(std::uint32_t tag) { return tag == 1; }
  static bool is_second(std::uint32_t tag) { return tag == 2; }
  // Gauge, sum, histogram, exponential histogram, summary.
  static bool is_data(std::uint32_t tag) { return tag == 5 || tag == 7 || (tag >= 9 && tag <= 11); }

  bool resource(data_view message, std::string& out) {
    return descend(message, is_second, out, &Selector::scope);
  }
  bool scope(data_view message, std::string& out) {
    return descend(
        message, is_second, out, signal_ == Signal::kMetrics ? &Selector::metric : &Selector::item);
  }
  bool metric(data_view message, std::string& out) {
    std::string_view name;
    pbf_reader fields(message);
    while (fields.next(1, pbf_wire_type::length_delimited)) {
      const auto view = fields.get_view();
      name = {view.data(), view.size()};
    }
    wanted_metric_ = is_wanted(name);
    return descend(message, is_data, out, &Selector::points);
  }
  bool points(data_view message, std::string& out) {
    return descend(message, is_first, out, &Selector::item);
  }
  bool item(data_view message, std::string& out) {
    const auto time = time_of(message);
    const bool inside = time.last >= selection_.from && time.first < selection_.to;
    if (!inside || !(signal_ == Signal::kMetrics ? wanted_metric_ : selection_.metrics.empty())) {
      ++selected_.left_out;
      return false;
    }
    out.append(message.data(), message.size());
    const auto first = std::max(time.first, selection_.from);
    selected_.first = selected_.items == 0 ? first : std::min(selected_.first, first);
    ++selected_.items;
    return true;
  }

  // Walks the fields of a message that lead down and copies the others.
  bool descend(data_view message, Tags leads_down, std::string& out, Level below) {
    pbf_reader fields(message);
    bool wanted = false;
    const char* before = message.data();
    while (fields.next()) {
      const auto tag = fields.tag();
      if (leads_down(tag) && fields.wire_type() == pbf_wire_type::length_delimited) {
        std::string inner;
        if ((this->*below)(fields.get_view(), inner)) {
          protozero::pbf_writer(out).add_bytes(tag, inner);
          wanted = true;
        }
      } else {
        fields.skip();
        out.append(before, fields.data().data());
      }
      before = fields.data().data();
    }
    return wanted;
  }

  bool is_wanted(std::string_view name) const {
    const auto& patterns = selection_.metrics;
    return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
             return ::fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
           });
  }

  // opentelemetry/proto: all kinds of data points have their time in field 3; Span has start and
  // end in 7 and 8; LogRecord its time in 1 and when it was observed in 11.
  TimeRange time_of(data_view message) const {
    TimeRange time;
    UnixNanos observed = 0;
    pbf_reader fields(message);
    while (fields.next()) {
      if (fields.wire_type() != pbf_wire_type::fixed64) {
        fields.skip();
        continue;
      }
      const auto tag = fields.tag();
      const auto value = fields.get_fixed64();
      if (signal_ == Signal::kTraces) {
        if (tag == 7) time.first = value;
        if (tag == 8) time.last = value;
      } else if (tag == (signal_ == Signal::kMetrics ? 3U : 1U)) {
        time = {.first = value, .last = value};
      } else if (signal_ == Signal::kLogs && tag == 11) {
        observed = value;
      }
    }
    if (time.last == 0 && time.first == 0) time = {.first = observed, .last = observed};
    return time;
  }

  Signal signal_;
  const Selection& selection_;
  SelectedItems selected_;
  bool wanted_metric_ = true;  // of the metric that is walked
};

}  // namespace

Result<SelectedItems> select_items(Signal signal,
                                   std::string_view request,
                                   const Selection& selection,
                                   std::string& out) try {
  out.clear();
  Selector selector(signal, selection);
  if (!selector.request({request.data(), request.size()}, out)) out.clear();
  return selector.selected();
} catch (const protozero::exception& error) {
  return Error{.code = Errc::kMalformed,
               .what = fmt::format("not an OTLP request: {}", error.what())};
}

}  // namespace plumbline
