// SPDX-License-Identifier: Apache-2.0
#include "agent/journal/manifest.h"

#include <nlohmann/json.hpp>

namespace plumbline {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kForm = 1;

}  // namespace

std::string manifest_json(const Manifest& manifest) {
  Json json{{"version", kForm},
            {"program", manifest.program},
            {"host", manifest.host},
            {"made", manifest.made},
            {"journal", manifest.journal},
            {"from", manifest.from},
            {"to", manifest.to},
            {"metrics", manifest.metrics},
            {"streams", Json::array()},
            {"events", manifest.events},
            {"damaged_batches", manifest.damaged}};
  for (const auto& size : manifest.streams) {
    json["streams"].push_back({{"stream", static_cast<int>(size.stream)},
                               {"signal", static_cast<int>(size.signal)},
                               {"batches", size.batches},
                               {"items", size.items},
                               {"bytes", size.bytes},
                               {"raw_bytes", size.raw_bytes},
                               {"first", size.first},
                               {"last", size.last}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Manifest> parse_manifest(std::string_view text) try {
  const auto json = Json::parse(text);
  if (json.at("version") != kForm) {
    return Error{.code = Errc::kMalformed, .what = "the manifest of the bundle has a later form"};
  }
  Manifest manifest{.program = json.at("program"),
                    .host = json.at("host"),
                    .made = json.at("made"),
                    .journal = json.at("journal"),
                    .from = json.at("from"),
                    .to = json.at("to"),
                    .metrics = json.at("metrics"),
                    .events = json.at("events"),
                    .damaged = json.at("damaged_batches")};
  for (const auto& size : json.at("streams")) {
    manifest.streams.push_back({.stream = static_cast<Stream>(size.at("stream").get<int>()),
                                .signal = static_cast<Signal>(size.at("signal").get<int>()),
                                .batches = size.at("batches"),
                                .items = size.at("items"),
                                .bytes = size.at("bytes"),
                                .raw_bytes = size.at("raw_bytes"),
                                .first = size.at("first"),
                                .last = size.at("last")});
  }
  return manifest;
} catch (const Json::exception&) {
  return Error{.code = Errc::kMalformed, .what = "the manifest of the bundle is damaged"};
}

}  // namespace plumbline
