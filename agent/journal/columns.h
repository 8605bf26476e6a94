// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plumbline {

// A metrics request in another order: first all that hardly changes from one second to the next,
// names, attributes and the frame of the messages, then the times of the points as steps from one
// point to the next, then their values. The numbers stand in the way of each other's repetitions
// where they lie between the rest: on what a node yields the journal's compression makes half of
// it.
//
// The form: two varints, the bytes of the frame and of the times; the frame, which is the request
// without the content of its fixed64 fields; the times, a zigzag varint for each start_time and
// time of a point; the content of all other fixed64 fields.
class ColumnSplitter {
 public:
  // False: `request` is no such request, or not whole, and `form` is of no use.
  bool split(std::string_view request, std::string& form);

 private:
  std::string frame_;
  std::string times_;
  std::string values_;
};

// Puts together what split() took apart, into `request`, resized to `raw_bytes`. False: the form is
// not one of a request of that size.
bool join_columns(std::string_view form, std::uint64_t raw_bytes, std::string& request);

// No form of a request is larger.
constexpr std::uint64_t max_form_bytes(std::uint64_t raw_bytes) {
  constexpr std::uint64_t kHead = 20;  // two varints
  return kHead + 2 * raw_bytes;        // a varint of a time has ten bytes at most, the time eight
}

}  // namespace plumbline
