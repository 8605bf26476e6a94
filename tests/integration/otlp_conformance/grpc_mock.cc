// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/otlp_conformance/grpc_mock.h"

#include <array>
#include <cstring>

#include <nghttp2/nghttp2.h>
#include <openssl/evp.h>
#include <protozero/pbf_writer.hpp>

namespace plumbline {
namespace {

std::vector<nghttp2_nv> to_nv(const GrpcAnswer::Pairs& pairs) {
  std::vector<nghttp2_nv> out;
  for (const auto& [name, value] : pairs) {
    out.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                   reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
                   name.size(),
                   value.size(),
                   NGHTTP2_NV_FLAG_NONE});
  }
  return out;
}

}  // namespace

// The server's side of one HTTP/2 connection.
class GrpcMockConnection {
 public:
  GrpcMockConnection(GrpcMock& mock, Peer& peer) : mock_(mock), peer_(peer) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session*,
           const nghttp2_frame* frame,
           const std::uint8_t* name,
           std::size_t name_size,
           const std::uint8_t* value,
           std::size_t value_size,
           std::uint8_t,
           void* user) {
          auto& call = static_cast<GrpcMockConnection*>(user)->calls_[frame->hd.stream_id];
          call.seen.headers[{reinterpret_cast<const char*>(name), name_size}] = {
              reinterpret_cast<const char*>(value), value_size};
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks,
        [](nghttp2_session*,
           std::uint8_t,
           std::int32_t id,
           const std::uint8_t* data,
           std::size_t size,
           void* user) {
          auto& call = static_cast<GrpcMockConnection*>(user)->calls_[id];
          call.seen.body.append(reinterpret_cast<const char*>(data), size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          static_cast<GrpcMockConnection*>(user)->on_frame(*frame);
          return 0;
        });
    nghttp2_session_server_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    // A window that lets any request of the tests through.
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1U << 20U};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  }
  GrpcMockConnection(const GrpcMockConnection&) = delete;
  GrpcMockConnection& operator=(const GrpcMockConnection&) = delete;
  GrpcMockConnection(GrpcMockConnection&&) = delete;
  GrpcMockConnection& operator=(GrpcMockConnection&&) = delete;
  ~GrpcMockConnection() { nghttp2_session_del(session_); }

  void run() {
    std::array<char, 65536> chunk{};
    while (flush() && !closing_) {
      const auto size = peer_.read_some(chunk);
      if (size == 0) return;
      const auto used = nghttp2_session_mem_recv(
          session_, reinterpret_cast<const std::uint8_t*>(chunk.data()), size);
      if (used < 0) return;
    }
  }

 private:
  struct Call {
    GrpcSeen seen;
    GrpcAnswer answer;
    std::string_view left;
  };

  bool flush() {
    const std::uint8_t* data = nullptr;
    while (true) {
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) return size == 0;
      const std::string_view bytes(reinterpret_cast<const char*>(data),
                                   static_cast<std::size_t>(size));
      if (!(bytewise_ ? peer_.write_bytewise(bytes) : peer_.write(bytes))) return false;
    }
  }

  void on_frame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) ++mock_.pings_;
    const bool ended = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool is_head = frame.hd.type == NGHTTP2_HEADERS;
    if (!is_head && frame.hd.type != NGHTTP2_DATA) return;  // an acknowledgement has the same bit
    if (mock_.when_ == GrpcMock::When::kBeforeTheBody ? is_head : ended) {
      respond(frame.hd.stream_id);
    }
  }

  void respond(std::int32_t id) {
    auto& call = calls_[id];
    call.answer = mock_.answer(call.seen);
    const auto& answer = call.answer;
    bytewise_ = answer.byte_by_byte;
    switch (answer.instead) {
      case GrpcAnswer::Instead::kSilence:
        return;
      case GrpcAnswer::Instead::kClose:
        closing_ = true;
        return;
      case GrpcAnswer::Instead::kReset:
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, answer.reset_code);
        return;
      case GrpcAnswer::Instead::kGoawayRefused:
        nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
        return;
      case GrpcAnswer::Instead::kNothing:
        break;
    }
    const auto headers = to_nv(answer.headers);
    call.left = answer.data;
    nghttp2_data_provider provider{};
    provider.source.ptr = &call;
    provider.read_callback = read_data;
    const bool only_headers = answer.data.empty() && answer.trailers.empty();
    nghttp2_submit_response(
        session_, id, headers.data(), headers.size(), only_headers ? nullptr : &provider);
    if (answer.goaway_after) {
      nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, nullptr, 0);
    }
  }

  static ssize_t read_data(nghttp2_session* session,
                           std::int32_t id,
                           std::uint8_t* buffer,
                           std::size_t size,
                           std::uint32_t* flags,
                           nghttp2_data_source* source,
                           void* /*user*/) {
    auto& call = *static_cast<Call*>(source->ptr);
    const auto count = std::min(size, call.left.size());
    std::memcpy(buffer, call.left.data(), count);
    call.left.remove_prefix(count);
    if (call.left.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (!call.answer.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto trailers = to_nv(call.answer.trailers);
        nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
      }
    }
    return static_cast<ssize_t>(count);
  }

  GrpcMock& mock_;
  Peer& peer_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Call> calls_;
  bool bytewise_ = false;
  bool closing_ = false;
};

std::string grpc_frame(std::string_view message, char flag) {
  std::string out(1, flag);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(message.size() >> static_cast<unsigned>(shift)));
  }
  return out.append(message);
}

GrpcAnswer grpc_ok(std::string_view message) {
  GrpcAnswer answer;
  answer.data = grpc_frame(message);
  answer.trailers = {{"grpc-status", "0"}};
  return answer;
}

GrpcAnswer grpc_error(int code, std::string_view message, GrpcAnswer::Pairs more) {
  GrpcAnswer answer;
  answer.headers.emplace_back("grpc-status", std::to_string(code));
  if (!message.empty()) answer.headers.emplace_back("grpc-message", message);
  for (auto& pair : more) answer.headers.push_back(std::move(pair));
  return answer;
}

std::string base64_encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(bytes.data()),
                                    static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::pair<std::string, std::string> retry_info(std::int64_t seconds, std::int32_t nanos) {
  std::string duration;
  protozero::pbf_writer duration_writer(duration);
  if (seconds != 0) duration_writer.add_int64(1, seconds);
  if (nanos != 0) duration_writer.add_int32(2, nanos);
  std::string info;
  protozero::pbf_writer(info).add_message(1, duration);
  std::string any;
  protozero::pbf_writer any_writer(any);
  any_writer.add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
  any_writer.add_bytes(2, info);
  std::string status;
  protozero::pbf_writer status_writer(status);
  status_writer.add_int32(1, 14);
  status_writer.add_string(2, "busy");
  status_writer.add_message(3, any);
  return {"grpc-status-details-bin", base64_encode(status)};
}

GrpcMock::GrpcMock(Script script, ServerTls tls, When when)
    : script_(std::move(script)),
      when_(when),
      server_([this](Peer& peer) { GrpcMockConnection(*this, peer).run(); }, std::move(tls)) {}

std::vector<GrpcSeen> GrpcMock::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

GrpcAnswer GrpcMock::answer(const GrpcSeen& seen) {
  const std::lock_guard lock(mutex_);
  seen_.push_back(seen);
  return script_(seen);
}

}  // namespace plumbline
