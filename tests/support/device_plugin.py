# SPDX-License-Identifier: Apache-2.0
"""A device plugin of Kubernetes: tells a real kubelet of devices that are names alone, and gives them
to the containers that ask for some.

    device_plugin.py FOLDER RESOURCE DEVICE...

FOLDER is the kubelet's device-plugins. Says `listed` when the kubelet knows them, and `gave DEVICE`."""

import subprocess
import sys
import threading
from concurrent import futures

import servers
from grpc_fake import field

PYTHON = "/usr/bin/python3"  # Debian's, which has python3-grpcio; another one may come first
SERVICE = "v1beta1.DevicePlugin"
REGISTER = "/v1beta1.Registration/Register"


def missing():
    done = subprocess.run([PYTHON, "-c", "import grpc"], check=False, stderr=subprocess.DEVNULL)
    return "" if done.returncode == 0 else "not installed: python3-grpcio"


class DevicePlugin(servers.Server):
    def __init__(self, folder, resource, devices):
        super().__init__()
        servers.wait_until("the kubelet takes device plugins", (folder / "kubelet.sock").exists)
        self.start([PYTHON, "-u", __file__, folder, resource, *devices])
        self.wait_ready(lambda: "listed" in self.log())

    def given(self):
        return [line.split()[1] for line in self.log().splitlines() if line.startswith("gave ")]


def texts(message, tag):
    """The length-delimited fields of this tag, all shorter than 128 bytes."""
    at, found = 0, []
    while at < len(message):
        key, length = message[at], message[at + 1]
        if key == tag << 3 | 2:
            found.append(message[at + 2:at + 2 + length])
        at += 2 + length
    return found


def listing(answer):
    """A stream of one answer that does not end."""
    def stream(_request, _context):
        yield answer
        print("listed")
        threading.Event().wait()
    return stream


def allocate(request, _context):
    containers = texts(request, 1)
    for container in containers:
        for device in texts(container, 1):
            print("gave", device.decode())
    return b"".join(field(1, b"") for _ in containers)


def main(folder, resource, *devices):
    import grpc
    answer = b"".join(field(1, field(1, device) + field(2, "Healthy")) for device in devices)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {
        "GetDevicePluginOptions": grpc.unary_unary_rpc_method_handler(lambda request, context: b""),
        "ListAndWatch": grpc.unary_stream_rpc_method_handler(listing(answer)),
        "Allocate": grpc.unary_unary_rpc_method_handler(allocate)}),))
    server.add_insecure_port(f"unix:{folder}/plugin.sock")
    server.start()
    with grpc.insecure_channel(f"unix:{folder}/kubelet.sock") as channel:
        channel.unary_unary(REGISTER)(field(1, "v1beta1") + field(2, "plugin.sock") + field(3, resource),
                                      timeout=10, wait_for_ready=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
