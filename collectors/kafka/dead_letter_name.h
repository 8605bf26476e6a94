// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace plumbline::kafka {

// The topic whose dead letters lie in the one called `name`: "orders" for "orders.DLQ",
// "orders-dlt", "dlq.orders" and "orders_dead_letter". nullopt: this is no dead-letter topic.
std::optional<std::string_view> source_of_dead_letters(std::string_view name);

}  // namespace plumbline::kafka
