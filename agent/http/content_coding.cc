// SPDX-License-Identifier: Apache-2.0
#include "agent/http/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace plumbline {
namespace {

// Level 1 of both: on OTLP metrics it costs half of zlib's default for half again the bytes, and
// zstd gains nothing from level 3.
constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip header (zlib.h, deflateInit2)

Error malformed(std::string_view coding, std::string_view why) {
  return {.code = Errc::kMalformed, .what = fmt::format("the body is not {}: {}", coding, why)};
}

Error too_long(std::size_t max_bytes) {
  return {.code = Errc::kExhausted,
          .what = fmt::format("the body is longer than {} bytes when decompressed", max_bytes)};
}

Bytef* zlib_bytes(std::string_view bytes) {
  // zlib's input pointer is not const, yet it only reads.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

struct Inflate {
  z_stream stream{};
  Inflate() { ok = inflateInit2(&stream, kGzipWindow) == Z_OK; }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  Inflate(Inflate&&) = delete;
  Inflate& operator=(Inflate&&) = delete;
  ~Inflate() { inflateEnd(&stream); }
  bool ok = false;
};

Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes) {
  Inflate inflater;
  if (!inflater.ok) return Error{.code = Errc::kExhausted, .what = "no memory to decompress"};
  auto& stream = inflater.stream;
  stream.next_in = zlib_bytes(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 16384> chunk{};
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    const auto made = chunk.size() - stream.avail_out;
    if (out.size() + made > max_bytes) return too_long(max_bytes);
    out.append(chunk.data(), made);
    if (status == Z_STREAM_END) return out;
    if (status != Z_OK) return malformed("gzip", "corrupt or cut short");
  }
}

Result<std::string> unzstd(std::string_view bytes, std::size_t max_bytes) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  if (!context) return Error{.code = Errc::kExhausted, .what = "no memory to decompress"};
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 23);  // 8 MiB, RFC 8878's advice
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::array<char, 16384> chunk{};
  while (true) {
    ZSTD_outBuffer made{chunk.data(), chunk.size(), 0};
    const auto left = ZSTD_decompressStream(context.get(), &made, &in);
    if (ZSTD_isError(left) != 0U) return malformed("zstd", ZSTD_getErrorName(left));
    if (out.size() + made.pos > max_bytes) return too_long(max_bytes);
    out.append(chunk.data(), made.pos);
    if (left == 0) return out;
    if (in.pos == in.size && made.pos < made.size) return malformed("zstd", "cut short");
  }
}

}  // namespace

std::string_view to_string(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kIdentity:
      return "identity";
    case ContentCoding::kGzip:
      return "gzip";
    case ContentCoding::kZstd:
      return "zstd";
  }
  return "identity";
}

struct Compressor::State {
  z_stream gzip{};
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{nullptr, &ZSTD_freeCCtx};
  bool gzip_ready = false;
};

Compressor::Compressor(ContentCoding coding) : coding_(coding), state_(std::make_unique<State>()) {}

Compressor::~Compressor() {
  if (state_->gzip_ready) deflateEnd(&state_->gzip);
}

Result<> Compressor::compress(std::string_view bytes, std::string& out) {
  const Error no_memory{.code = Errc::kExhausted, .what = "no memory to compress"};
  const auto before = out.size();
  if (coding_ == ContentCoding::kIdentity) {
    out.append(bytes);
    return {};
  }
  if (coding_ == ContentCoding::kZstd) {
    if (!state_->zstd) state_->zstd.reset(ZSTD_createCCtx());
    if (!state_->zstd) return no_memory;
    out.resize(before + ZSTD_compressBound(bytes.size()));
    const auto made = ZSTD_compressCCtx(state_->zstd.get(),
                                        out.data() + before,
                                        out.size() - before,
                                        bytes.data(),
                                        bytes.size(),
                                        kLevel);
    if (ZSTD_isError(made) != 0U) return no_memory;
    out.resize(before + made);
    return {};
  }
  auto& stream = state_->gzip;
  if (!state_->gzip_ready) {
    state_->gzip_ready =
        deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!state_->gzip_ready) return no_memory;
  }
  deflateReset(&stream);
  out.resize(before + deflateBound(&stream, bytes.size()));
  stream.next_in = zlib_bytes(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  stream.avail_out = static_cast<uInt>(out.size() - before);
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) return no_memory;
  out.resize(out.size() - stream.avail_out);
  return {};
}

Result<std::string> decompress(std::string_view coding,
                               std::string_view bytes,
                               std::size_t max_bytes) {
  if (coding.empty() || coding == "identity") {
    if (bytes.size() > max_bytes) return too_long(max_bytes);
    return std::string(bytes);
  }
  if (coding == "gzip" || coding == "x-gzip") return gunzip(bytes, max_bytes);
  if (coding == "zstd") return unzstd(bytes, max_bytes);
  return Error{.code = Errc::kUnsupported,
               .what = fmt::format("the answer is encoded as \"{}\"", coding.substr(0, 40))};
}

}  // namespace plumbline
