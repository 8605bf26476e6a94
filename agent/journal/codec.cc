// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/codec.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <new>

#include <fmt/format.h>

namespace plumbline {
namespace {

constexpr int kLevel = 1;
// The window must reach from the end of a request to the start of the one before. 2^19 holds two of
// 3,000 points; larger requests get a larger one, up to what the decoder takes without being asked.
constexpr int kMinWindowLog = 19;
constexpr int kMaxWindowLog = 27;

Error zstd_error(std::string_view doing, std::size_t code) {
  return {.code = Errc::kMalformed, .what = fmt::format("{}: {}", doing, ZSTD_getErrorName(code))};
}

int window_log(std::size_t bytes) {
  return std::clamp(static_cast<int>(std::bit_width(bytes)), kMinWindowLog, kMaxWindowLog);
}

}  // namespace

void ChainCompressor::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

void ChainDecompressor::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

ChainCompressor::ChainCompressor() : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
}

Result<std::string_view> ChainCompressor::compress(std::string_view request,
                                                   std::string_view prefix) {
  if (const auto most = ZSTD_compressBound(request.size()); most > capacity_) {
    out_ = std::make_unique_for_overwrite<char[]>(most);
    capacity_ = most;
  }
  ZSTD_CCtx_setParameter(
      context_.get(), ZSTD_c_windowLog, window_log(request.size() + prefix.size()));
  ZSTD_CCtx_refPrefix(context_.get(), prefix.data(), prefix.size());
  const auto length =
      ZSTD_compress2(context_.get(), out_.get(), capacity_, request.data(), request.size());
  if (ZSTD_isError(length) != 0) return zstd_error("cannot compress a batch", length);
  return std::string_view(out_.get(), length);
}

ChainDecompressor::ChainDecompressor() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}

Result<> ChainDecompressor::decompress(std::string_view bytes,
                                       std::string_view prefix,
                                       std::uint64_t max_bytes,
                                       std::string& out) {
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size > max_bytes) {  // as the two numbers that tell that it is not known are
    return Error{.code = Errc::kMalformed, .what = "a batch claims to be larger than it can be"};
  }
  out.resize(size);
  ZSTD_DCtx_refPrefix(context_.get(), prefix.data(), prefix.size());
  const auto length =
      ZSTD_decompressDCtx(context_.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(length) != 0) return zstd_error("a batch does not decompress", length);
  if (length != size) {
    return Error{.code = Errc::kMalformed, .what = "a batch is shorter than it claims"};
  }
  return {};
}

}  // namespace plumbline
