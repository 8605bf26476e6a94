// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/cgroups.h"

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace plumbline {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::uint64_t inode(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_ino;
}

std::vector<std::string> paths(const CgroupIndex& index) {
  std::vector<std::string> out;
  for (const auto* group : index.living()) out.push_back(group->path);
  return out;
}

class CgroupIndexTest : public testing::Test {
 protected:
  CgroupMounts unified() const {
    return {.mode = CgroupMode::kUnified, .unified = root_.path(), .v1 = {}};
  }

  TempDir root_;
  ManualClock clock_;
};

TEST_F(CgroupIndexTest, NamesGroupsByInodeParentsFirst) {
  const auto leaf = root_.make_directory("kubepods/besteffort/pod1/c1");
  root_.make_directory("kubepods-x");
  root_.write("cgroup.procs", "1\n");
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  EXPECT_THAT(paths(index),
              ElementsAre("/",
                          "/kubepods",
                          "/kubepods-x",
                          "/kubepods/besteffort",
                          "/kubepods/besteffort/pod1",
                          "/kubepods/besteffort/pod1/c1"));
  EXPECT_EQ(index.path(inode(leaf)), "/kubepods/besteffort/pod1/c1");
  EXPECT_EQ(index.path(inode(root_.path())), "/");
  EXPECT_EQ(index.living()[1]->first_seen, clock_.wall());
}

TEST_F(CgroupIndexTest, WalksAtMostOnceASecond) {
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  root_.make_directory("late");
  index.refresh();
  EXPECT_EQ(index.living().size(), 1U);
  clock_.advance(1s);
  index.refresh();
  EXPECT_EQ(index.living().size(), 2U);
}

TEST_F(CgroupIndexTest, LooksForAnUnknownIdOnceARefresh) {
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  const auto young = inode(root_.make_directory("young"));
  EXPECT_EQ(index.path(young), "/young") << "found before the second is over";
  const auto younger = inode(root_.make_directory("younger"));
  EXPECT_EQ(index.path(younger), "id:" + std::to_string(younger));
  clock_.advance(1s);
  index.refresh();
  EXPECT_EQ(index.path(younger), "/younger");
}

TEST_F(CgroupIndexTest, KeepsTheNameOfARemovedGroup) {
  const auto path = root_.make_directory("job");
  const auto id = inode(path);
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  std::filesystem::remove(path);
  clock_.advance(CgroupIndex::kKeep);
  index.refresh();
  EXPECT_THAT(paths(index), ElementsAre("/"));
  EXPECT_EQ(index.path(id), "/job");
  clock_.advance(1s);
  index.refresh();
  EXPECT_EQ(index.path(id), "id:" + std::to_string(id));
}

TEST_F(CgroupIndexTest, SeesAGroupThatReplacedAnother) {
  root_.make_directory("a");
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  std::filesystem::remove(root_.path() / "a");
  root_.make_directory("b");
  clock_.advance(1s);
  index.refresh();
  EXPECT_THAT(paths(index), ElementsAre("/", "/b"));
}

TEST_F(CgroupIndexTest, CountsWhatIsOverTheLimit) {
  for (int i = 0; i < 20; ++i) root_.make_directory("g" + std::to_string(i));
  CgroupIndex index(unified(), clock_, 8);
  index.refresh();
  EXPECT_EQ(index.living().size(), 8U);
  EXPECT_EQ(index.overflow(), 13U);
}

TEST_F(CgroupIndexTest, CountsWhatIsTooDeep) {
  std::filesystem::path deep;
  for (int i = 0; i < CgroupIndex::kMaxDepth + 3; ++i) deep /= "d";
  root_.make_directory(deep);
  CgroupIndex index(unified(), clock_, 1000);
  index.refresh();
  EXPECT_EQ(index.living().size(), CgroupIndex::kMaxDepth + 1U);
  EXPECT_EQ(index.overflow(), 1U);
}

TEST_F(CgroupIndexTest, BoundsTheNamesOfUnknownIds) {
  CgroupIndex index(unified(), clock_, 3);
  index.refresh();
  const std::uint64_t unused = ~0ULL - 100;
  EXPECT_EQ(index.path(unused), "id:" + std::to_string(unused));
  index.path(unused + 1);
  index.path(unused + 2);
  EXPECT_EQ(index.path(unused + 3), CgroupIndex::kOtherUnknown);
  clock_.advance(CgroupIndex::kKeep + 1s);
  index.refresh();
  EXPECT_EQ(index.path(unused + 3), "id:" + std::to_string(unused + 3));
}

TEST_F(CgroupIndexTest, ForgetsSoonerWhenGroupsComeAndGoFast) {
  const TempDir elsewhere;  // keeps the inodes of the removed groups in use
  CgroupIndex index(unified(), clock_, 4);
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 60; ++i) {
    const auto path = root_.make_directory("job" + std::to_string(i));
    ids.push_back(inode(path));
    index.refresh();
    clock_.advance(1s);
    std::filesystem::rename(path, elsewhere.path() / path.filename());
  }
  index.refresh();
  EXPECT_EQ(index.path(ids.back()), "/job59");
  EXPECT_EQ(index.path(ids.front()), "id:" + std::to_string(ids.front()));
}

TEST_F(CgroupIndexTest, FollowsNoLinks) {
  std::filesystem::create_directory_symlink("..", root_.path() / "loop");
  CgroupIndex index(unified(), clock_, 100);
  index.refresh();
  EXPECT_THAT(paths(index), ElementsAre("/"));
}

TEST_F(CgroupIndexTest, WorksWithoutAnyHierarchy) {
  CgroupIndex index({}, clock_, 100);
  index.refresh();
  EXPECT_TRUE(index.living().empty());
  EXPECT_EQ(index.path(5), "id:5");
}

TEST_F(CgroupIndexTest, UsesV1WhereV2IsEmptyOnAHybridHost) {
  root_.make_directory("unified");
  const auto id = inode(root_.make_directory("memory/docker/abc"));
  CgroupIndex index({.mode = CgroupMode::kHybrid,
                     .unified = root_.path() / "unified",
                     .v1 = {{"memory", root_.path() / "memory"}}},
                    clock_,
                    100);
  index.refresh();
  EXPECT_FALSE(index.ids_are_unified());
  EXPECT_EQ(index.id_controller(), "memory");
  EXPECT_EQ(index.path(id), "/docker/abc");
}

TEST_F(CgroupIndexTest, UsesV2WhereItIsAsFullAsV1OnAHybridHost) {
  const auto id = inode(root_.make_directory("unified/system.slice/a"));
  root_.make_directory("memory/system.slice/a");
  CgroupIndex index({.mode = CgroupMode::kHybrid,
                     .unified = root_.path() / "unified",
                     .v1 = {{"memory", root_.path() / "memory"}}},
                    clock_,
                    100);
  index.refresh();
  EXPECT_TRUE(index.ids_are_unified());
  EXPECT_EQ(index.path(id), "/system.slice/a");
}

TEST_F(CgroupIndexTest, UsesTheFirstV1ControllerThatIsThere) {
  root_.make_directory("pids/a");
  root_.make_directory("cpu/a");
  CgroupIndex index({.mode = CgroupMode::kLegacy,
                     .unified = {},
                     .v1 = {{"cpu", root_.path() / "cpu"}, {"pids", root_.path() / "pids"}}},
                    clock_,
                    100);
  EXPECT_EQ(index.id_controller(), "pids");
}

// What a kernel would tell, as the test says it.
class Told final : public CgroupFeed {
 public:
  void read(CgroupIndex& index) override {
    for (const auto& tell : std::exchange(news, {})) tell(index);
  }
  std::vector<std::function<void(CgroupIndex&)>> news;
};

class CgroupFeedTest : public CgroupIndexTest {
 protected:
  CgroupFeedTest() {
    index_.set_feed(told_);
    index_.refresh();
  }

  void make(std::uint64_t id, std::string path) {
    told_->news.emplace_back([=](CgroupIndex& index) { index.made(id, path, 7); });
  }
  void remove(std::uint64_t id) {
    told_->news.emplace_back([=](CgroupIndex& index) { index.removed(id); });
  }

  std::shared_ptr<Told> told_ = std::make_shared<Told>();
  CgroupIndex index_{unified(), clock_, 20};
};

TEST_F(CgroupFeedTest, NamesAGroupThatNoWalkHasMet) {
  make(1'000, "/pod/job");
  remove(1'000);
  EXPECT_EQ(index_.path(1'000), "/pod/job");
  EXPECT_FALSE(index_.is_living(1'000));
  clock_.advance(CgroupIndex::kKeep);
  index_.refresh();
  EXPECT_EQ(index_.path(1'000), "/pod/job");
  clock_.advance(2s);
  index_.refresh();
  EXPECT_EQ(index_.path(1'000), "id:1000");
}

TEST_F(CgroupFeedTest, AGroupLivesFromItsBirthToItsRemoval) {
  make(1'000, "/job");
  index_.refresh();
  EXPECT_THAT(paths(index_), ElementsAre("/", "/job"));
  EXPECT_EQ(index_.living()[1]->first_seen, 7U);
  EXPECT_EQ(index_.living_count(), 2U);
  remove(1'000);
  index_.refresh();
  EXPECT_THAT(paths(index_), ElementsAre("/"));
}

TEST_F(CgroupFeedTest, AWalkHasTheLastWord) {
  make(1'000, "/lost-removal");
  index_.refresh();
  EXPECT_EQ(index_.living_count(), 2U);
  clock_.advance(1s);
  index_.refresh();
  EXPECT_EQ(index_.living_count(), 1U) << "it is not there";
}

TEST_F(CgroupFeedTest, ANewOwnerOfAnIdWaitsAsTheOldNameMayBeInUse) {
  make(1'000, "/old");
  const auto name = index_.path(1'000);
  remove(1'000);
  make(1'000, "/new");
  index_.path(2'000);  // reads the news in the middle of a collect
  EXPECT_EQ(name, "/old");
  EXPECT_EQ(index_.path(1'000), "/old");
}

TEST_F(CgroupFeedTest, TakesNothingThatMakesNoSense) {
  make(1, "relative");
  make(2, "");
  std::string deep;
  for (int i = 0; i <= CgroupIndex::kMaxDepth; ++i) deep += "/d";
  make(3, deep);
  remove(4);
  index_.refresh();
  EXPECT_EQ(index_.living_count(), 1U);
}

TEST_F(CgroupFeedTest, HoldsItsMemoryWhenThousandsComeAndGo) {
  std::uint64_t id = 1'000;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 15; ++i, ++id) {
      make(id, "/job" + std::to_string(id));
      remove(id);
    }
    index_.refresh();
    EXPECT_EQ(index_.path(id - 1), "/job" + std::to_string(id - 1)) << "the last one";
    clock_.advance(1s);
  }
  int remembered = 0;
  for (std::uint64_t old = 1'000; old < id; ++old) {
    remembered += index_.path(old).starts_with("/job") ? 1 : 0;
  }
  EXPECT_LE(remembered, 4 * 20 + 20 + 15);
}

TEST_F(CgroupFeedTest, CountsWhatIsOverTheLimit) {
  for (std::uint64_t i = 0; i < 30; ++i) make(1'000 + i, "/g" + std::to_string(i));
  index_.refresh();
  EXPECT_EQ(index_.living_count(), 20U);
  EXPECT_EQ(index_.overflow(), 11U);
}

TEST_F(CgroupFeedTest, GoesOnWithoutAFeedThatIsGone) {
  make(1'000, "/job");
  told_.reset();
  index_.refresh();
  EXPECT_EQ(index_.path(1'000), "id:1000");
}

TEST(EventTally, TellsNamedNobodysAndUnnamedApart) {
  EventTally tally;
  tally.add(EventKind::kBlock, "/a", 3);
  tally.add(EventKind::kBlock, "", 5);
  tally.add(EventKind::kBlock, "_other", 7);
  EXPECT_EQ(tally.of(EventKind::kBlock, EventTally::kNamed), 3U);
  EXPECT_EQ(tally.of(EventKind::kBlock, EventTally::kNobodys), 5U);
  EXPECT_EQ(tally.of(EventKind::kBlock, EventTally::kUnnamed), 7U);
  EXPECT_EQ(tally.of(EventKind::kSocket, EventTally::kNamed), 0U);
}

}  // namespace
}  // namespace plumbline
