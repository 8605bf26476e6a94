// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace plumbline {

// Calls `parse` with texts that `text` could have become: cut off at every place, with bytes
// changed, lines repeated, numbers grown, and with noise. The same ones in every run.
void with_hostile_texts(std::string_view text, const std::function<void(std::string_view)>& parse);

}  // namespace plumbline
