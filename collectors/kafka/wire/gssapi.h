// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "collectors/kafka/wire/sasl.h"

namespace plumbline::kafka {

// Kerberos (RFC 4752) with a keytab: for `service`/`host` as the broker is reached. The library of
// MIT is loaded when it is first needed: who has no Kerberos does not pay for it.
//
// Its first step asks the KDC and waits for it: call it on a thread that may.
std::unique_ptr<SaslExchange> make_gssapi(const Credentials& credentials, std::string_view host);

}  // namespace plumbline::kafka
