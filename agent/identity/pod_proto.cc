// SPDX-License-Identifier: Apache-2.0
// Field numbers of k8s.io/api/core/v1 and k8s.io/apimachinery/pkg/apis/meta/v1 (generated.proto),
// and of k8s.io/kubelet/pkg/apis/{pods,podresources} (api.proto).
#include "agent/identity/pod_proto.h"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

namespace plumbline {
namespace {

using Message = protozero::pbf_reader;
using protozero::pbf_wire_type;

std::string_view view(Message& message) {
  const auto bytes = message.get_view();
  return {bytes.data(), bytes.size()};
}

// Visits the fields of a message; those that `visit` does not read are skipped.
template <class Visit>
void each(Message message, Visit visit) {
  while (message.next()) {
    if (!visit(message, message.tag(), message.wire_type())) message.skip();
  }
}

constexpr auto kBytes = pbf_wire_type::length_delimited;
constexpr auto kVarint = pbf_wire_type::varint;

UnixNanos time(Message message) {
  std::int64_t seconds = 0;
  each(message, [&](Message& field, auto tag, auto type) {
    if (tag != 1 || type != kVarint) return false;
    seconds = field.get_int64();
    return true;
  });
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kLast = 9'000'000'000;  // the year 2255: the product fits
  return seconds <= 0 || seconds > kLast ? 0 : static_cast<UnixNanos>(seconds * kSecond);
}

class PodReader {
 public:
  PodReader(const LabelChoice& choice, PodList& list) : choice_(choice), list_(list) {}

  void take(Message message) {
    Pod pod;
    each(message, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag > 3) return false;
      if (tag == 1)
        take_meta(pod, field.get_message());
      else if (tag == 2)
        take_spec(pod, field.get_message());
      else
        take_status(pod, field.get_message());
      return true;
    });
    add_pod(std::move(pod), list_);
  }

 private:
  std::string clean(Message& field) { return clean_text(view(field), list_.mended); }

  void take_meta(Pod& pod, Message meta) {
    each(meta, [&](Message& field, auto tag, auto type) {
      if (type != kBytes) return false;
      switch (tag) {
        case 1:
          pod.name = clean(field);
          return true;
        case 3:
          pod.name_space = clean(field);
          return true;
        case 5:
          pod.uid = clean(field);
          return true;
        case 8:
          pod.created = time(field.get_message());
          return true;
        case 11:
          take_label(pod.labels, field.get_message(), Kind::kLabel);
          return true;
        case 12:
          take_label(pod.annotations, field.get_message(), Kind::kAnnotation);
          return true;
        case 13:
          take_owner(pod, field.get_message());
          return true;
        default:
          return false;
      }
    });
  }

  enum class Kind : std::uint8_t { kLabel, kAnnotation };

  void take_label(Labels& labels, Message entry, Kind kind) {
    std::string_view key;
    std::string_view value;
    each(entry, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag > 2) return false;
      (tag == 1 ? key : value) = view(field);
      return true;
    });
    const bool wanted =
        kind == Kind::kLabel ? choice_.wants_label(key) : choice_.wants_annotation(key);
    if (wanted) add_label(labels, key, value, list_);
  }

  void take_owner(Pod& pod, Message reference) {
    PodOwner owner;
    bool controls = false;
    each(reference, [&](Message& field, auto tag, auto type) {
      if (tag == 1 && type == kBytes)
        owner.kind = clean(field);
      else if (tag == 3 && type == kBytes)
        owner.name = clean(field);
      else if (tag == 6 && type == kVarint)
        controls = field.get_bool();
      else
        return false;
      return true;
    });
    if (controls || !pod.owner) pod.owner = std::move(owner);
  }

  void take_spec(Pod& pod, Message spec) {
    each(spec, [&](Message& field, auto tag, auto type) {
      if (tag != 10 || type != kBytes) return false;
      pod.node = clean(field);
      return true;
    });
  }

  void take_status(Pod& pod, Message status) {
    each(status, [&](Message& field, auto tag, auto type) {
      if (type != kBytes) return false;
      switch (tag) {
        case 1:
          pod.phase = clean(field);
          return true;
        case 2:
          take_condition(pod, field.get_message());
          return true;
        case 8:
          take_container(pod, field.get_message(), false);
          return true;
        case 10:
          take_container(pod, field.get_message(), true);
          return true;
        case 13:
          take_container(pod, field.get_message(), false);
          return true;
        default:
          return false;
      }
    });
  }

  static void take_condition(Pod& pod, Message condition) {
    std::string_view name;
    std::string_view status;
    UnixNanos since = 0;
    each(condition, [&](Message& field, auto tag, auto type) {
      if (type != kBytes) return false;
      if (tag == 1)
        name = view(field);
      else if (tag == 2)
        status = view(field);
      else if (tag == 4)
        since = time(field.get_message());
      else
        return false;
      return true;
    });
    if (status == "True") set_condition(pod, name, since);
  }

  void take_container(Pod& pod, Message status, bool is_init) {
    if (pod.containers.size() >= kMaxContainers) {
      ++list_.left_out;
      return;
    }
    ContainerStatus out;
    out.is_init = is_init;
    each(status, [&](Message& field, auto tag, auto type) {
      if (type == kVarint && tag == 4) {
        out.ready = field.get_bool();
      } else if (type == kVarint && tag == 5) {
        out.restarts = static_cast<std::uint32_t>(field.get_int32());
      } else if (type == kBytes) {
        return take_container_text(out, field, tag);
      } else {
        return false;
      }
      return true;
    });
    pod.containers.push_back(std::move(out));
  }

  bool take_container_text(ContainerStatus& out, Message& field, std::uint32_t tag) {
    switch (tag) {
      case 1:
        out.name = clean(field);
        return true;
      case 2:
        take_state(out, field.get_message());
        return true;
      case 3:
        take_last_state(out, field.get_message());
        return true;
      case 6:
        out.image = clean(field);
        return true;
      case 7:
        out.image_id = clean(field);
        return true;
      case 8:
        set_container_id(out, view(field));
        return true;
      default:
        return false;
    }
  }

  void take_state(ContainerStatus& out, Message state) {
    each(state, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag > 3) return false;
      if (tag == 1) {
        out.state = ContainerState::kWaiting;
        out.waiting_reason = reason(field.get_message());
      } else if (tag == 2) {
        out.state = ContainerState::kRunning;
        out.started = started(field.get_message());
      } else {
        out.state = ContainerState::kTerminated;
        out.ended = termination(field.get_message(), out.started);
      }
      return true;
    });
  }

  void take_last_state(ContainerStatus& out, Message state) {
    UnixNanos ignored = 0;
    each(state, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 3) return false;
      out.ended_before = termination(field.get_message(), ignored);
      return true;
    });
  }

  std::string reason(Message waiting) {
    std::string out;
    each(waiting, [&](Message& field, auto tag, auto type) {
      if (tag != 1 || type != kBytes) return false;
      out = clean(field);
      return true;
    });
    return out;
  }

  static UnixNanos started(Message running) {
    UnixNanos out = 0;
    each(running, [&](Message& field, auto tag, auto type) {
      if (tag != 1 || type != kBytes) return false;
      out = time(field.get_message());
      return true;
    });
    return out;
  }

  Termination termination(Message ended, UnixNanos& started_at) {
    Termination out;
    ContainerStatus id;
    each(ended, [&](Message& field, auto tag, auto type) {
      if (tag == 1 && type == kVarint)
        out.exit_code = field.get_int32();
      else if (tag == 2 && type == kVarint)
        out.signal = field.get_int32();
      else if (tag == 3 && type == kBytes)
        out.reason = clean(field);
      else if (tag == 5 && type == kBytes)
        started_at = time(field.get_message());
      else if (tag == 6 && type == kBytes)
        out.finished = time(field.get_message());
      else if (tag == 7 && type == kBytes)
        set_container_id(id, view(field));
      else
        return false;
      return true;
    });
    out.container_id = std::move(id.id);
    return out;
  }

  const LabelChoice& choice_;
  PodList& list_;
};

// Reads podresources; the names of pod and container are known before their devices only by luck,
// so each message is gone through twice.
class GrantReader {
 public:
  explicit GrantReader(std::vector<DeviceGrant>& out) : out_(out) {}

  void take(Message pod) {
    each(pod, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag > 2) return false;
      (tag == 1 ? grant_.pod : grant_.name_space) = clean(field);
      return true;
    });
    each(pod, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 3) return false;
      take_container(field.get_message());
      return true;
    });
  }

 private:
  static std::string clean(Message& field) {
    std::uint64_t ignored = 0;
    return clean_text(view(field), ignored);
  }

  void take_container(Message container) {
    each(container, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 1) return false;
      grant_.container = clean(field);
      return true;
    });
    each(container, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || (tag != 2 && tag != 5)) return false;
      if (tag == 2)
        take_devices(field.get_message());
      else
        take_claims(field.get_message());
      return true;
    });
  }

  void take_devices(Message devices) {
    each(devices, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 1) return false;
      grant_.resource = clean(field);
      return true;
    });
    each(devices, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 2) return false;
      add(clean(field));
      return true;
    });
  }

  void take_claims(Message claim) {
    each(claim, [&](Message& field, auto tag, auto type) {
      if (type != kBytes || tag != 4) return false;
      std::string device;
      each(field.get_message(), [&](Message& part, auto part_tag, auto part_type) {
        if (part_type != kBytes || (part_tag != 2 && part_tag != 4)) return false;
        (part_tag == 2 ? grant_.resource : device) = clean(part);
        return true;
      });
      add(std::move(device));
      return true;
    });
  }

  void add(std::string device) {
    if (out_.size() >= kMaxGrants) return;
    grant_.device = std::move(device);
    out_.push_back(grant_);
  }

  std::vector<DeviceGrant>& out_;
  DeviceGrant grant_;
};

Error not_a_message(const protozero::exception& problem) {
  return {.code = Errc::kMalformed,
          .what = fmt::format("not a protobuf message: {}", problem.what())};
}

}  // namespace

Result<PodList> parse_pods_message(std::string_view bytes, const LabelChoice& choice) {
  PodList list;
  PodReader reader(choice, list);
  try {
    each(Message(bytes.data(), bytes.size()), [&](Message& field, auto tag, auto type) {
      if (tag != 1 || type != kBytes) return false;
      reader.take(field.get_message());
      return true;
    });
  } catch (const protozero::exception& problem) {
    return not_a_message(problem);
  }
  return list;
}

Result<std::vector<DeviceGrant>> parse_pod_resources(std::string_view bytes) {
  std::vector<DeviceGrant> grants;
  GrantReader reader(grants);
  try {
    each(Message(bytes.data(), bytes.size()), [&](Message& field, auto tag, auto type) {
      if (tag != 1 || type != kBytes) return false;
      reader.take(field.get_message());
      return true;
    });
  } catch (const protozero::exception& problem) {
    return not_a_message(problem);
  }
  return grants;
}

}  // namespace plumbline
