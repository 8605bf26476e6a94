// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace plumbline {

// plumbline(1) as man(7) source, from the definition of the command line and the field tables.
std::string man_page();

}  // namespace plumbline
