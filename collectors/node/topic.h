// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "agent/core/batch.h"
#include "agent/core/clock.h"
#include "agent/core/series.h"
#include "collectors/collector.h"
#include "collectors/node/text_file.h"

namespace plumbline::node {

// What a topic works with during one collect().
struct Tick {
  Batch& out;
  SeriesTable& series;
  ReadBuffer& buffer;
  const Clock& clock;
};

// One subject of the node collector: the files it reads and the points it makes of them. How well
// it can is told by how reading its files went.
class Topic {
 public:
  // `signal`: "node.cpu". `hint`: how to get the files that are missing; may be empty.
  explicit Topic(std::string_view signal, std::string_view hint = {})
      : signal_(signal), hint_(hint) {}
  Topic(const Topic&) = delete;
  Topic& operator=(const Topic&) = delete;
  Topic(Topic&&) = delete;
  Topic& operator=(Topic&&) = delete;
  virtual ~Topic() = default;

  virtual void collect(Tick& tick) = 0;

  // By the last collect(): all files could be read, some, none.
  virtual SignalState state() const;
  // Mechanism and reason are put together from the files: call it when state() has changed.
  virtual Coverage coverage() const;

 protected:
  // A file that this topic reads. The reference stays valid.
  TextFile& file(std::string path) { return files_.emplace_back(std::move(path)); }

  std::string_view signal() const { return signal_; }

 private:
  std::string_view signal_;
  std::string_view hint_;
  std::deque<TextFile> files_;
};

}  // namespace plumbline::node
