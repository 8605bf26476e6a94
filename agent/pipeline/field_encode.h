// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <protozero/pbf_writer.hpp>

#include "agent/core/attribute.h"

namespace plumbline {

// Text of any origin as a string field: what is not UTF-8 gets U+FFFD in its place. Left out when
// it is empty.
void add_text(protozero::pbf_writer& message, protozero::pbf_tag_type tag, std::string_view text);

// One KeyValue below `tag` for each of `fields`.
void add_fields(protozero::pbf_writer& message, protozero::pbf_tag_type tag, const Fields& fields);

}  // namespace plumbline
