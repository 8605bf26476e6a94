// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plumbline::clickhouse {

// A query as anybody may see it: literals are '?', lists of them one, comments and the data behind
// VALUES or FORMAT are gone, blanks are single. Names stay, quoted ones as they are written. What
// does not end where it should reaches to the end of the text. At most `max_bytes`, cut between
// words; one line.
std::string redacted_sql(std::string_view sql, std::size_t max_bytes = 2'000);

}  // namespace plumbline::clickhouse
