// SPDX-License-Identifier: Apache-2.0
#include "collectors/kafka/wire/gssapi.h"

#include <dlfcn.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace plumbline::kafka {
namespace {

constexpr const char* kLibrary = "libgssapi_krb5.so.2";

// RFC 1964: the mechanism, a service on a host, a principal.
constexpr std::string_view kKerberos = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
constexpr std::string_view kServiceName = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
constexpr std::string_view kUserName = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01";

gss_OID_desc oid(std::string_view bytes) {
  return {.length = static_cast<OM_uint32>(bytes.size()),
          .elements = const_cast<char*>(bytes.data())};  // the library only reads it
}

gss_buffer_desc buffer(std::string_view text) {
  return {.length = text.size(), .value = const_cast<char*>(text.data())};  // the same
}

// What is used of the library.
struct Gss {
  decltype(&::gss_import_name) import_name = nullptr;
  decltype(&::gss_release_name) release_name = nullptr;
  decltype(&::gss_acquire_cred_from) acquire_cred_from = nullptr;
  decltype(&::gss_release_cred) release_cred = nullptr;
  decltype(&::gss_init_sec_context) init_sec_context = nullptr;
  decltype(&::gss_delete_sec_context) delete_sec_context = nullptr;
  decltype(&::gss_wrap) wrap = nullptr;
  decltype(&::gss_unwrap) unwrap = nullptr;
  decltype(&::gss_release_buffer) release_buffer = nullptr;
  decltype(&::gss_display_status) display_status = nullptr;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

Result<Gss> load() {
  // Never closed: it keeps tickets of this process.
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  Gss gss;
  const bool has_all = library != nullptr && find(library, "gss_import_name", gss.import_name) &&
                       find(library, "gss_release_name", gss.release_name) &&
                       find(library, "gss_acquire_cred_from", gss.acquire_cred_from) &&
                       find(library, "gss_release_cred", gss.release_cred) &&
                       find(library, "gss_init_sec_context", gss.init_sec_context) &&
                       find(library, "gss_delete_sec_context", gss.delete_sec_context) &&
                       find(library, "gss_wrap", gss.wrap) &&
                       find(library, "gss_unwrap", gss.unwrap) &&
                       find(library, "gss_release_buffer", gss.release_buffer) &&
                       find(library, "gss_display_status", gss.display_status);
  if (has_all) return gss;
  return Error{.code = Errc::kUnsupported,
               .what = fmt::format(
                   "Kerberos needs {} (Debian: libgssapi-krb5-2), which is not here", kLibrary)};
}

class Gssapi final : public SaslExchange {
 public:
  Gssapi(const Credentials& credentials, std::string_view host)
      : principal_(credentials.user),
        keytab_(credentials.keytab),
        service_(fmt::format("{}@{}", credentials.service, host)) {}

  ~Gssapi() override {
    OM_uint32 minor = 0;
    if (context_ != GSS_C_NO_CONTEXT) gss_.delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
    if (credential_ != GSS_C_NO_CREDENTIAL) gss_.release_cred(&minor, &credential_);
    if (target_ != GSS_C_NO_NAME) gss_.release_name(&minor, &target_);
  }
  Gssapi(const Gssapi&) = delete;
  Gssapi& operator=(const Gssapi&) = delete;
  Gssapi(Gssapi&&) = delete;
  Gssapi& operator=(Gssapi&&) = delete;

  Result<std::string> first() override {
    auto gss = load();
    if (!gss) return gss.error();
    gss_ = *gss;
    TRY(acquire());
    auto target = import(service_, kServiceName);
    if (!target) return target.error();
    target_ = *target;
    return step({});
  }

  Result<std::string> next(std::string_view challenge) override {
    switch (state_) {
      case State::kContext:
        return step(challenge);
      case State::kOffer:
        return choose(challenge);
      case State::kChosen:
        state_ = State::kDone;
        return std::string();
      case State::kDone:
        break;
    }
    return Error{.code = Errc::kMalformed, .what = "the broker goes on after the end of GSSAPI"};
  }

  bool done() const override { return state_ == State::kDone; }
  bool may_wait() const override { return true; }

 private:
  enum class State : std::uint8_t { kContext, kOffer, kChosen, kDone };

  Result<gss_name_t> import(const std::string& name, std::string_view type) {
    OM_uint32 minor = 0;
    auto text = buffer(name);
    auto kind = oid(type);
    gss_name_t out = GSS_C_NO_NAME;
    const auto major = gss_.import_name(&minor, &text, &kind, &out);
    if (GSS_ERROR(major)) return failure(fmt::format("{} is no name", name), major, minor);
    return out;
  }

  // Tickets are kept in memory, by principal, and come from the keytab when they are needed.
  Result<> acquire() {
    auto name = import(principal_, kUserName);
    if (!name) return name.error();
    const auto cache = fmt::format("MEMORY:plumbline {} {}", principal_, keytab_);
    std::array<gss_key_value_element_desc, 2> elements{
        {{.key = "client_keytab", .value = keytab_.c_str()},
         {.key = "ccache", .value = cache.c_str()}}};
    const gss_key_value_set_desc store{.count = elements.size(), .elements = elements.data()};
    auto mechanism = oid(kKerberos);
    gss_OID_set_desc mechanisms{.count = 1, .elements = &mechanism};
    OM_uint32 minor = 0;
    const auto major = gss_.acquire_cred_from(&minor,
                                              *name,
                                              GSS_C_INDEFINITE,
                                              &mechanisms,
                                              GSS_C_INITIATE,
                                              &store,
                                              &credential_,
                                              nullptr,
                                              nullptr);
    OM_uint32 ignored = 0;
    gss_.release_name(&ignored, &*name);
    if (!GSS_ERROR(major)) return {};
    return failure(fmt::format("no ticket for {} with the keytab", principal_), major, minor);
  }

  Result<std::string> step(std::string_view challenge) {
    OM_uint32 minor = 0;
    auto in = buffer(challenge);
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    auto mechanism = oid(kKerberos);
    const auto major = gss_.init_sec_context(&minor,
                                             credential_,
                                             &context_,
                                             target_,
                                             &mechanism,
                                             GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG,
                                             GSS_C_INDEFINITE,
                                             GSS_C_NO_CHANNEL_BINDINGS,
                                             challenge.empty() ? GSS_C_NO_BUFFER : &in,
                                             nullptr,
                                             &out,
                                             nullptr,
                                             nullptr);
    if (GSS_ERROR(major)) {
      return failure(fmt::format("no ticket of {} for {}", principal_, service_), major, minor);
    }
    if (major == GSS_S_COMPLETE) state_ = State::kOffer;
    return taken(out);
  }

  // The broker offers what may follow the login; we take that nothing does: TLS is for that.
  Result<std::string> choose(std::string_view challenge) {
    constexpr char kNoLayer = 1;
    OM_uint32 minor = 0;
    auto in = buffer(challenge);
    gss_buffer_desc offer = GSS_C_EMPTY_BUFFER;
    auto major = gss_.unwrap(&minor, context_, &in, &offer, nullptr, nullptr);
    if (GSS_ERROR(major)) return failure("the broker's offer cannot be read", major, minor);
    const auto offered = taken(offer);
    if (offered.size() != 4 || (offered[0] & kNoLayer) == 0) {
      return Error{.code = Errc::kUnsupported,
                   .what = "the broker wants every message wrapped by Kerberos"};
    }
    const std::string answer{kNoLayer, 0, 0, 0};
    auto plain = buffer(answer);
    gss_buffer_desc wrapped = GSS_C_EMPTY_BUFFER;
    major = gss_.wrap(&minor, context_, 0, GSS_C_QOP_DEFAULT, &plain, nullptr, &wrapped);
    if (GSS_ERROR(major)) return failure("the answer cannot be wrapped", major, minor);
    state_ = State::kChosen;
    return taken(wrapped);
  }

  std::string taken(gss_buffer_desc& bytes) const {
    std::string out(static_cast<const char*>(bytes.value), bytes.length);
    OM_uint32 minor = 0;
    gss_.release_buffer(&minor, &bytes);
    return out;
  }

  std::string described(OM_uint32 status, int kind) const {
    auto mechanism = oid(kKerberos);
    OM_uint32 minor = 0;
    OM_uint32 more = 0;  // of many sentences the first tells it
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_.display_status(&minor, status, kind, &mechanism, &more, &text);
    return taken(text);
  }

  Error failure(std::string_view what, OM_uint32 major, OM_uint32 minor) const {
    const auto why =
        minor != 0 ? described(minor, GSS_C_MECH_CODE) : described(major, GSS_C_GSS_CODE);
    return {.code = Errc::kDenied, .what = fmt::format("Kerberos: {}: {}", what, why)};
  }

  Gss gss_;
  std::string principal_;
  std::string keytab_;
  std::string service_;
  gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
  gss_name_t target_ = GSS_C_NO_NAME;
  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  State state_ = State::kContext;
};

}  // namespace

std::unique_ptr<SaslExchange> make_gssapi(const Credentials& credentials, std::string_view host) {
  return std::make_unique<Gssapi>(credentials, host);
}

}  // namespace plumbline::kafka
