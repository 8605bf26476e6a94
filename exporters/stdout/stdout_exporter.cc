// SPDX-License-Identifier: Apache-2.0
#include "exporters/stdout/stdout_exporter.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "agent/pipeline/otlp_json.h"
#include "exporters/stdout/readable_records.h"

namespace plumbline {
namespace {

class TextExporter final : public Exporter {
 public:
  TextExporter(StdoutFormat format,
               const TableStyle& style,
               std::function<bool(std::string_view)> write)
      : format_(format), style_(style), write_(std::move(write)) {}

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
  Result<std::string> to_text(const Payload& payload) const {
    if (format_ == StdoutFormat::kReadable) {
      switch (payload.signal) {
        case Signal::kMetrics:
          return readable_metrics(payload.bytes, style_);
        case Signal::kTraces:
          return readable_spans(payload.bytes, style_);
        case Signal::kLogs:
          return readable_logs(payload.bytes, style_);
      }
    }
    auto json = otlp_to_json(payload.signal, payload.bytes);
    if (json) json.value().push_back('\n');
    return json;
  }

  StdoutFormat format_;
  TableStyle style_;
  std::function<bool(std::string_view)> write_;
};

// NOLINTBEGIN(concurrency-mt-unsafe): nothing of ours changes the environment
TableStyle style_of_stdout() {
  if (::isatty(STDOUT_FILENO) == 0) return {};
  winsize size{};
  ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool plain = (no_colour != nullptr && *no_colour != '\0') ||
                     (terminal != nullptr && std::string_view(terminal) == "dumb");
  return {.width = size.ws_col, .colour = plain ? Colour::kOff : Colour::kOn};
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

std::unique_ptr<Exporter> make_text_exporter(StdoutFormat format,
                                             const TableStyle& style,
                                             std::function<bool(std::string_view)> write) {
  return std::make_unique<TextExporter>(format, style, std::move(write));
}

std::unique_ptr<Exporter> make_stdout_exporter(StdoutFormat format) {
  return make_text_exporter(format, style_of_stdout(), [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
  });
}

}  // namespace plumbline
