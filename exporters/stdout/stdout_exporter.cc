// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/stdout_exporter.h"

#include <cstdio>
#include <utility>

#include "agent/pipeline/otlp_json.h"
#include "exporters/stdout/readable.h"

namespace plumbline {
namespace {

class TextExporter final : public Exporter {
 public:
  TextExporter(StdoutFormat format, std::function<bool(std::string_view)> write)
      : format_(format), write_(std::move(write)) {}

  std::string_view name() const override { return "stdout"; }

  boost::asio::awaitable<SendOutcome> send(Payload payload,
                                           std::chrono::milliseconds /*timeout*/) override {
    auto text = to_text(payload);
    if (!text) {
      co_return SendOutcome{.kind = SendOutcome::Kind::kRejected, .reason = text.error().what};
    }
    if (!write_(text.value())) {
      co_return SendOutcome{.kind = SendOutcome::Kind::kUnreachable,
                            .reason = "standard output cannot be written"};
    }
    co_return SendOutcome{.sent_bytes = text.value().size()};
  }

 private:
  // Traces and logs have no readable form but their JSON.
  Result<std::string> to_text(const Payload& payload) const {
    if (format_ == StdoutFormat::kReadable && payload.signal == Signal::kMetrics) {
      return readable_metrics(payload.bytes);
    }
    auto json = otlp_to_json(payload.signal, payload.bytes);
    if (json) json.value().push_back('\n');
    return json;
  }

  StdoutFormat format_;
  std::function<bool(std::string_view)> write_;
};

}  // namespace

std::unique_ptr<Exporter> make_text_exporter(StdoutFormat format,
                                             std::function<bool(std::string_view)> write) {
  return std::make_unique<TextExporter>(format, std::move(write));
}

std::unique_ptr<Exporter> make_stdout_exporter(StdoutFormat format) {
  return make_text_exporter(format, [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
  });
}

}  // namespace plumbline
