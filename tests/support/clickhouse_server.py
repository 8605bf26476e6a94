# SPDX-License-Identifier: Apache-2.0
"""ClickHouse of two ages on free ports of the loopback: the server of 2018 that Debian has, and the
engine of today behind the HTTP shim in tests/support/clickhouse. Both answer the same calls."""

import shutil
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlencode

from servers import ROOT, Server, free_port, http_get

HERE = ROOT / "tests/support/clickhouse"
# Collectors that an agent which looks at ClickHouse only does without.
OTHERS = ("node", "filesystem", "hardware", "sched", "block", "memory", "irq", "tcp", "process")

LOGS = """
  <query_log><database>system</database><table>query_log</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></query_log>
  <part_log><database>system</database><table>part_log</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></part_log>"""

KEEPER = """
  <zookeeper><node><host>127.0.0.1</host><port>{port}</port></node><session_timeout_ms>2000</session_timeout_ms></zookeeper>"""

OLD_CONFIG = """<yandex>
  <logger><level>warning</level><console>true</console></logger>
  <listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
  <interserver_http_port>{interserver}</interserver_http_port>
  <path>{path}/data/</path><tmp_path>{path}/tmp/</tmp_path><user_files_path>{path}/files/</user_files_path>
  <users_config>users.xml</users_config><default_profile>default</default_profile>
  <default_database>default</default_database><mark_cache_size>16777216</mark_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>{logs}
  <remote_servers><both><shard><replica><host>127.0.0.1</host><port>{tcp}</port></replica></shard>
    <shard><replica><host>127.0.0.1</host><port>{dead}</port></replica></shard></both></remote_servers>
</yandex>"""

OLD_USERS = """<yandex>
  <profiles>
    <default><log_queries>1</log_queries></default>
    <strict><readonly>1</readonly></strict><reader><readonly>2</readonly></reader>
  </profiles>
  <quotas><default><interval><duration>3600</duration></interval></default></quotas>
  <users>
    <default><password></password>{common}<profile>default</profile></default>
    <monitor><password>s3cret-Word</password>{common}<profile>default</profile></monitor>
    <strict><password></password>{common}<profile>strict</profile></strict>
    <reader><password></password>{common}<profile>reader</profile></reader>
  </users>
</yandex>"""
COMMON = "<networks><ip>127.0.0.1</ip></networks><quota>default</quota>"

NEW_CONFIG = """<clickhouse>{logs}
  <asynchronous_insert_log><database>system</database><table>asynchronous_insert_log</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></asynchronous_insert_log>
  <query_views_log><database>system</database><table>query_views_log</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></query_views_log>
  <opentelemetry_span_log><engine>engine MergeTree partition by toYYYYMM(finish_date) order by finish_date</engine>
    <database>system</database><table>opentelemetry_span_log</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></opentelemetry_span_log>
  <dead_letter_queue><database>system</database><table>dead_letter_queue</table>
    <flush_interval_milliseconds>200</flush_interval_milliseconds></dead_letter_queue>
  <backups><allowed_path>{path}/backups/</allowed_path></backups>
  <tcp_port>{own}</tcp_port>
  <remote_servers>
    <both><shard><replica><host>127.0.0.1</host><port>{dead}</port></replica></shard></both>
    <self><shard><replica><host>127.0.0.1</host><port>{own}</port></replica></shard></self>
  </remote_servers>
</clickhouse>"""


class QueryError(Exception):
    pass


class Engine(Server):
    """What both have: an address and queries."""

    def __init__(self):
        super().__init__()
        self.port = free_port()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wait(self):
        self.wait_ready(lambda: http_get(f"{self.url}/ping")[0] == 200)

    def query(self, text, **settings):
        """The answer as text; `settings` may be those of the HTTP interface too."""
        request = urllib.request.Request(f"{self.url}/?{urlencode(settings)}", data=text.encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise QueryError(error.read().decode(errors="replace")) from None

    def rows(self, text, **settings):
        return [line.split("\t") for line in self.query(text, **settings).splitlines()]


class OldClickHouse(Engine):
    """Debian's clickhouse-server 18.16 of 2018; `keeper` is the port of a ZooKeeper."""

    name = "18.16"

    def __init__(self, keeper=None):
        super().__init__()
        self.tcp, self.dead = free_port(), free_port()
        more = LOGS + (KEEPER.format(port=keeper) if keeper else "")
        (self.path / "config.xml").write_text(OLD_CONFIG.format(
            http=self.port, tcp=self.tcp, interserver=free_port(), dead=self.dead, path=self.path, logs=more))
        (self.path / "users.xml").write_text(OLD_USERS.format(common=COMMON))
        self.begin()

    def begin(self):
        program = shutil.which("clickhouse-server", path="/usr/sbin:/usr/bin")
        if program is None:
            raise AssertionError("clickhouse-server is in Debian's package of that name")
        self.start([program, f"--config-file={self.path / 'config.xml'}"], cwd=self.path)
        self.wait()


SMALL_DISK = """
  <storage_configuration>
    <disks><small><path>{path}/small/</path></small></disks>
    <policies><small><volumes><only><disk>small</disk></only></volumes></small></policies>
  </storage_configuration>"""


class NewClickHouse(Engine):
    """The engine of today, in chdb. With `small_disk`, bytes, it has a disk and a policy `small` of that
    size; that needs root."""

    name = "chdb"

    def __init__(self, small_disk=0):
        super().__init__()
        self.mounted = small_disk > 0
        if self.mounted:
            (self.path / "small").mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={small_disk}", "tmpfs", self.path / "small"],
                           check=True)
        logs = LOGS + (SMALL_DISK.format(path=self.path) if self.mounted else "")
        (self.path / "config.xml").write_text(NEW_CONFIG.format(logs=logs, path=self.path, dead=free_port(), own=free_port()))
        self.begin()

    def begin(self):
        python = subprocess.run([HERE / "chdb"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.start([python, HERE / "chdb_http.py", self.port, self.path / "data", self.path / "config.xml"],
                   cwd=self.path)
        self.wait()

    def __exit__(self, kind, error, trace):
        self.stop()
        if self.mounted:
            subprocess.run(["umount", self.path / "small"], check=True)
        super().__exit__(kind, error, trace)
