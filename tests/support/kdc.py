# SPDX-License-Identifier: Apache-2.0
"""A real KDC of MIT Kerberos on a free port of the loopback.

    with Kdc() as kdc:
        kdc.keytab("kafka/127.0.0.1")      # makes the principal; the path of a file with its key
        kdc.environment                    # what finds it: KRB5_CONFIG
"""

import os
import socket
import subprocess

from servers import Server, free_port

REALM = "PLUMBLINE.TEST"


class Kdc(Server):
    def __init__(self):
        super().__init__()
        self.port = free_port()
        self.config = self.path / "krb5.conf"
        # Names are taken as they are written, and nothing is looked up elsewhere.
        self.config.write_text(f"""[libdefaults]
 default_realm = {REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 {REALM} = {{
  kdc = 127.0.0.1:{self.port}
 }}
""")
        profile = self.path / "kdc.conf"
        profile.write_text(f"""[realms]
 {REALM} = {{
  database_name = {self.path}/principal
  key_stash_file = {self.path}/stash
  kdc_listen = 127.0.0.1:{self.port}
  kdc_tcp_listen = 127.0.0.1:{self.port}
 }}
""")
        self.environment = {**os.environ, "KRB5_CONFIG": str(self.config), "KRB5_KDC_PROFILE": str(profile)}
        self.administer("/usr/sbin/kdb5_util", "create", "-s", "-r", REALM, "-P", "of the test")
        self.begin()

    def begin(self):
        self.start(["/usr/sbin/krb5kdc", "-n"], env=self.environment)
        self.wait_ready(self._listens)
        return self

    def _listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def keytab(self, principal):
        path = self.path / f"{principal.replace('/', '-')}.keytab"
        for order in (f"addprinc -randkey {principal}", f"ktadd -k {path} {principal}"):
            self.administer("/usr/sbin/kadmin.local", "-r", REALM, "-q", order)
        return path

    def administer(self, *command):
        subprocess.run(command, env=self.environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
