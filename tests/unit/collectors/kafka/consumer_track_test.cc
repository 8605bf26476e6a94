// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/lag/consumer_track.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plumbline::kafka {
namespace {

using testing::HasSubstr;

constexpr Millis kStep = 5'000;

// Sees the same group again and again; `committed` and `end` as functions of the look.
template <class Committed, class End>
Millis watch(ConsumerTrack& track, int looks, Committed committed, End end, Millis now = 0) {
  for (int i = 0; i < looks; ++i, now += kStep) {
    track.see({.now = now, .committed = committed(i), .start = 0, .stable = end(i), .end = end(i)});
  }
  return now - kStep;
}

// What is said to be lost when the group, and then the log, move so.
std::int64_t see(ConsumerTrack& track, Millis now, std::int64_t committed, std::int64_t start) {
  return track.see({.now = now, .committed = committed, .start = start, .stable = 500, .end = 500})
      .lost();
}

TEST(ConsumerTrack, TellsWhichRecordsWereDeletedBeforeTheyWereRead) {
  ConsumerTrack track;
  EXPECT_EQ(see(track, 0, 100, 50), 0);
  const auto happened =
      track.see({.now = 1, .committed = 100, .start = 130, .stable = 500, .end = 500});
  EXPECT_EQ(happened.lost_first, 100);
  EXPECT_EQ(happened.lost_end, 130);
}

TEST(ConsumerTrack, TellsALossOnceAndWhatComesOnTopOfIt) {
  ConsumerTrack track;
  see(track, 0, 100, 50);
  EXPECT_EQ(see(track, 1, 100, 130), 30);
  EXPECT_EQ(see(track, 2, 100, 130), 0);
  EXPECT_EQ(see(track, 3, 100, 150), 20);
  EXPECT_EQ(see(track, 4, 400, 150), 0);
}

TEST(ConsumerTrack, WhatWasLostBeforeItWasFirstSeenIsNotCounted) {
  ConsumerTrack track;
  EXPECT_EQ(see(track, 0, 100, 150), 0);
}

TEST(ConsumerTrack, DeletedRecordsThatWereReadAreNoLoss) {
  ConsumerTrack track;
  see(track, 0, 100, 0);
  EXPECT_EQ(see(track, 1, 100, 100), 0);
}

TEST(ConsumerTrack, AnUnknownLogStartIsNoLoss) {
  ConsumerTrack track;
  see(track, 0, 100, 90);
  EXPECT_EQ(see(track, 1, 100, -1), 0);
}

TEST(ConsumerTrack, TellsARewindAndWhereFrom) {
  ConsumerTrack track;
  track.see({.now = 0, .committed = 100, .start = 0, .stable = 200, .end = 200});
  const auto happened =
      track.see({.now = 1, .committed = 20, .start = 0, .stable = 200, .end = 200});
  EXPECT_EQ(happened.rewound_from, 100);
  EXPECT_EQ(track.verdict(2, 1), Verdict::kRewound);
  EXPECT_THAT(track.reason(Verdict::kRewound, 2, 1), HasSubstr("from offset 100 to 20"));
  track.see({.now = 3, .committed = 150, .start = 0, .stable = 200, .end = 200});
  EXPECT_EQ(track.verdict(3, 1), Verdict::kOk);
}

TEST(ConsumerTrack, TellsOnceThatTheLogEndsBeforeTheCommit) {
  ConsumerTrack track;
  track.see({.now = 0, .committed = 100, .start = 0, .stable = 200, .end = 200});
  EXPECT_TRUE(
      track.see({.now = 1, .committed = 100, .start = 0, .stable = 50, .end = 50}).beyond_end);
  EXPECT_FALSE(
      track.see({.now = 2, .committed = 100, .start = 0, .stable = 50, .end = 50}).beyond_end);
}

TEST(ConsumerTrack, AConsumerThatCommitsNothingIsStalledWithMembersAndStoppedWithout) {
  ConsumerTrack track;
  const auto end = watch(
      track, 20, [](int) { return 100; }, [](int i) { return 200 + i; });
  EXPECT_EQ(track.verdict(end, 3), Verdict::kStalled);
  EXPECT_EQ(track.verdict(end, 0), Verdict::kStopped);
  EXPECT_EQ(track.verdict(end, -1), Verdict::kStalled) << "members are not known";
  EXPECT_THAT(track.reason(Verdict::kStalled, end, 3), HasSubstr("95 s although it has 3 members"));
}

TEST(ConsumerTrack, ItIsNotStalledWhenThereIsNothingToRead) {
  ConsumerTrack track;
  const auto end = watch(
      track, 50, [](int) { return 100; }, [](int) { return 100; });
  EXPECT_EQ(track.verdict(end, 0), Verdict::kOk);
}

TEST(ConsumerTrack, WhoWasIdleForLongHasAWholeWindowForTheFirstNewRecord) {
  ConsumerTrack track;
  // Nothing to read for 250 s, then one record, and no commit after it.
  const auto end = [](int i) { return i < 50 ? 100 : 101; };
  const auto just = watch(
      track, 51, [](int) { return 100; }, end);
  EXPECT_EQ(track.verdict(just, 3), Verdict::kOk);
  const auto then = watch(
      track, 11, [](int) { return 100; }, [](int) { return 101; }, just + kStep);
  EXPECT_EQ(then - just, 55'000);
  EXPECT_EQ(track.verdict(then, 3), Verdict::kOk);
  track.see({.now = just + 60'000, .committed = 100, .start = 0, .stable = 101, .end = 101});
  EXPECT_EQ(track.verdict(just + 60'000, 3), Verdict::kStalled);
  EXPECT_EQ(track.verdict(just + 60'000, 0), Verdict::kStopped);
  EXPECT_THAT(track.reason(Verdict::kStalled, just + 60'000, 3), HasSubstr("nothing for 60 s"));
}

TEST(ConsumerTrack, WhoReadsNowAndThenAllThereIsWaitsOnlySinceThen) {
  ConsumerTrack track;
  watch(
      track, 30, [](int) { return 100; }, [](int) { return 101; });
  EXPECT_EQ(track.verdict(145'000, 1), Verdict::kStalled);
  track.see({.now = 150'000, .committed = 101, .start = 0, .stable = 101, .end = 101});
  track.see({.now = 300'000, .committed = 101, .start = 0, .stable = 102, .end = 102});
  EXPECT_EQ(track.verdict(300'000, 1), Verdict::kOk);
}

TEST(ConsumerTrack, ConcludesNothingBeforeAWholeWindow) {
  ConsumerTrack track;
  const auto end = watch(
      track, 12, [](int) { return 100; }, [](int i) { return 200 + i; });
  EXPECT_LT(end, ConsumerTrack::kWindow);
  EXPECT_EQ(track.verdict(end, 0), Verdict::kOk);
}

TEST(ConsumerTrack, AConsumerWhoseLagGrowsIsSlow) {
  ConsumerTrack track;
  const auto end = watch(
      track, 60, [](int i) { return 100 + 10 * i; }, [](int i) { return 200 + 20 * i; });
  EXPECT_EQ(track.verdict(end, 1), Verdict::kSlow);
}

TEST(ConsumerTrack, ALagThatGoesUpAndDownIsNotSlow) {
  ConsumerTrack track;
  const auto committed = [](int i) { return 1'000 * (i / 4); };  // in lumps
  const auto end = watch(track, 100, committed, [](int i) { return 250 * i + 100; });
  EXPECT_EQ(track.verdict(end, 1), Verdict::kOk);
}

TEST(ConsumerTrack, MeasuresItsPace) {
  ConsumerTrack track;
  watch(
      track, 100, [](int i) { return 50 * i; }, [](int) { return 100'000; });
  ASSERT_TRUE(track.rate());
  EXPECT_NEAR(*track.rate(), 10, 0.1);
}

}  // namespace
}  // namespace plumbline::kafka
