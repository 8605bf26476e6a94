// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace plumbline {

// What every verb ends with; part of the interface that scripts may rely on.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,             // it could not do what it was asked to
  kUsage = 2,              // the command line or an input makes no sense
  kFindings = 3,           // it did, and there is something to look at
  kObjectiveBreached = 4,  // of the verbs about objectives
  kPartialData = 5,        // the answer lacks something that could not be read
};

}  // namespace plumbline
