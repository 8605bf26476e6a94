// SPDX-License-Identifier: Apache-2.0
#include "collectors/node/limits.h"

#include "collectors/node/kernel_signals.h"
#include "collectors/node/text.h"

namespace plumbline::node {
namespace {

constexpr double kBitsPerByte = 8;

class Limits final : public Topic {
 public:
  explicit Limits(const std::filesystem::path& proc)
      : Topic("node.limits"),
        files_(file(proc / "sys/fs/file-nr")),
        inodes_(file(proc / "sys/fs/inode-nr")),
        entropy_(file(proc / "sys/kernel/random/entropy_avail")),
        entropy_pool_(file(proc / "sys/kernel/random/poolsize")) {}

  void collect(Tick& tick) override {
    if (auto text = files_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kFileHandles), take_number(*text));
      take_word(*text);  // free ones: always 0
      tick.out.add(tick.series.get(kFileHandleLimit), take_number(*text));
    }
    if (auto text = inodes_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kInodes), take_number(*text));
      tick.out.add(tick.series.get(kInodesFree), take_number(*text));
    }
    if (auto text = entropy_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kEntropy), take_number(*text) / kBitsPerByte);
    }
    if (auto text = entropy_pool_.read(tick.buffer)) {
      tick.out.add(tick.series.get(kEntropyPool), take_number(*text) / kBitsPerByte);
    }
  }

 private:
  TextFile& files_;
  TextFile& inodes_;
  TextFile& entropy_;
  TextFile& entropy_pool_;
};

}  // namespace

std::unique_ptr<Topic> make_limits(const std::filesystem::path& proc) {
  return std::make_unique<Limits>(proc);
}

}  // namespace plumbline::node
