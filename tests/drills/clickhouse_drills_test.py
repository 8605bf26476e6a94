# SPDX-License-Identifier: Apache-2.0
"""Drills on ClickHouse. The old server is small: each fault has one of its own, and a manifest that
speaks of it alone. What only the engine of today tells happens on one of those."""

import concurrent.futures
import os
import socket
import subprocess
import threading
import unittest

from clickhouse_server import OTHERS, NewClickHouse, OldClickHouse, QueryError
from drill_world import World
from kafka_server import JAVA, Kafka
from servers import ROOT, Agent, Server, free_port, wait_until

# Servers are looked at every ten seconds: windows of five minutes must not be shorter than that.
SCALE = 20


def cluster(name, engine, objectives=None, monitoring=None, **spec):
    """The manifest of one server; what is not the drill's is promised loosely, and the disk of this machine
    may be as full as it is."""
    loose = {"availability": {"target": 95}, "queries": {"target": 95}, "latency": {"target": 95, "below": "8s"}}
    return {"kind": "ClickHouseCluster", "metadata": {"name": name}, "spec": {
        "endpoints": [f"127.0.0.1:{engine.port}"], "owner": "team-drills",
        "objectives": {**loose, **(objectives or {})}, "monitoring": monitoring or {"alertOnDisk": 99}, **spec}}


def wait_for_log(engine):
    """It is made by its first row; until then nobody can count queries."""
    engine.query("SELECT 1")
    wait_until("the query log is there", lambda: engine.query(
        "SELECT count() FROM system.tables WHERE database = 'system' AND name = 'query_log'").strip() == "1")


def agent_on(case, engines, on=(), **settings):
    for engine in engines:
        wait_for_log(engine)
    off = {name: {"enabled": False} for name in OTHERS if name not in on}
    agent = case.enterClassContext(Agent({"clickhouse": [{"url": engine.url} for engine in engines],
                                          "collectors": off, **settings}))
    return agent.wait_collecting()


def ask(engine, text, times=1):
    """`times` queries at once; failures are wanted."""
    def one(_):
        try:
            engine.query(text)
        except QueryError:
            pass
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(times)))


class Traffic:
    """Asks `texts`, one after the other, until it is told to end."""

    def __init__(self, engine, texts, at_once=1):
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._go, args=(engine, texts)) for _ in range(at_once)]
        for thread in self.threads:
            thread.start()

    def _go(self, engine, texts):
        while not self.over.wait(0.2):
            for text in texts:
                ask(engine, text)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Old(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engines = {name: cls.enterClassContext(OldClickHouse())
                       for name in ("away", "fewer", "failing", "slow", "leaky")}
        agent = agent_on(cls, cls.engines.values())
        of = cls.engines
        cls.world = World(cls, agent, [
            cluster("away", of["away"], {"availability": {"target": 99}}),
            cluster("fewer", of["fewer"], replication=1, shards=1),
            cluster("failing", of["failing"], {"queries": {"target": 99}}),
            cluster("slow", of["slow"], {"latency": {"target": 99, "below": "1s"}}),
            cluster("leaky", of["leaky"], {"queries": {"target": 99}}),
        ], scale=SCALE, events={"leaky-queries": 5}, spent={"leaky-queries": 38})

    def test_availability(self):
        engine = self.engines["away"]
        self.world.look_at(engine).drill(
            "ClickHouseAvailabilityBurn", "SloAwayAvailabilityBurn", "away", "the server is stopped",
            promise=120, inject=engine.stop, heal=engine.begin)

    def test_servers(self):
        engine = self.engines["fewer"]
        self.world.look_at(engine).drill(
            "ClickHouseServers", "FewerServers", "fewer", "one of the declared servers is stopped",
            promise=90, inject=engine.stop, heal=engine.begin)

    def under(self, engine, texts, at_once=1):
        traffic = []
        return {"inject": lambda: traffic.append(Traffic(engine, texts, at_once)),
                "heal": lambda: [one.end() for one in traffic]}

    def test_queries(self):
        engine = self.engines["failing"]
        self.world.look_at(engine).drill(
            "ClickHouseQueriesBurn", "SloFailingQueriesBurn", "failing", "half of all queries fail",
            promise=120, **self.under(engine, ["SELECT 1", "SELECT throwIf(1)"]))

    def test_latency(self):
        engine = self.engines["slow"]
        self.world.look_at(engine).drill(
            "ClickHouseLatencyBurn", "SloSlowLatencyBurn", "slow", "queries take longer than promised",
            promise=120, **self.under(engine, ["SELECT sleep(1.5)"], at_once=5))

    def test_trickle(self):
        engine = self.engines["leaky"]

        def inject():
            ask(engine, "SELECT 1", 100)
            ask(engine, "SELECT throwIf(1)", 8)
        self.world.look_at(engine).drill(
            "SloTrickle", "SloLeakyQueriesTrickle", "leaky", "a few failures, two days after the others",
            promise=60, inject=inject, heal=lambda: ask(engine, "SELECT 1", 1500))


class New(unittest.TestCase):
    """Troubles inside a server of today."""

    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(Kafka())
        cls.engine = engine = cls.enterClassContext(NewClickHouse())
        query = engine.query
        query("CREATE TABLE default.full (a UInt64) ENGINE = MergeTree ORDER BY a "
              "SETTINGS parts_to_delay_insert = 6, parts_to_throw_insert = 100")
        query("CREATE TABLE default.changed (s String) ENGINE = MergeTree ORDER BY tuple()")
        query("INSERT INTO default.changed VALUES ('no number')")
        query("CREATE TABLE default.torn (p UInt8, a UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY a")
        query("INSERT INTO default.torn VALUES (1, 1), (2, 2)")
        query("CREATE TABLE default.source (a UInt64) ENGINE = MergeTree ORDER BY a")
        query("CREATE MATERIALIZED VIEW default.daily ENGINE = MergeTree ORDER BY b AS "
              "SELECT throwIf(a = 666) AS b FROM default.source")
        cls.insert_failing()  # the log of views is made by its first row, and what has failed before is no news
        query("SYSTEM FLUSH LOGS")
        cls.world = World(cls, agent_on(cls, [engine]), [cluster("modern", engine)], kafka=cls.kafka, clickhouse=engine,
                          scale=SCALE)
        cls.drill = cls.world.drill

    @classmethod
    def insert_failing(cls):
        ask(cls.engine, "INSERT INTO default.source VALUES (666)")

    def test_parts(self):
        def inject():
            self.engine.query("SYSTEM STOP MERGES default.full")
            for number in range(7):
                self.engine.query(f"INSERT INTO default.full VALUES ({number})")

        def heal():
            self.engine.query("SYSTEM START MERGES default.full")
            self.engine.query("OPTIMIZE TABLE default.full FINAL")
        self.drill("ClickHouseParts", "ModernParts", "modern", "merges are stopped while small inserts come",
                   promise=90, inject=inject, heal=heal)

    def test_mutation(self):
        self.drill("ClickHouseMutation", "ModernMutation", "modern", "a mutation that fails on a row",
                   promise=120, inject=lambda: ask(self.engine, "ALTER TABLE default.changed DELETE WHERE toUInt32(s) = 1"),
                   heal=lambda: self.engine.query("KILL MUTATION WHERE table = 'changed'"))

    def test_detached(self):
        def inject():
            self.engine.query("ALTER TABLE default.torn DETACH PARTITION 1")
            path = self.engine.query("SELECT path FROM system.detached_parts WHERE table = 'torn'").strip()
            self.broken = os.path.join(os.path.dirname(path.rstrip("/")), "broken_2_9_9_0")
            os.rename(path.rstrip("/"), self.broken)
        self.drill("ClickHouseDetached", "ModernDetached", "modern", "a part is found broken and put aside",
                   promise=150, inject=inject, heal=lambda: subprocess.run(["rm", "-r", self.broken], check=True))

    def test_view(self):
        self.drill("ClickHouseView", "ModernView", "modern", "a view fails on what is inserted",
                   promise=60, inject=self.insert_failing, heal=lambda: None)

    def test_consumer(self):
        create = ("CREATE TABLE default.queue (a UInt64) ENGINE = Kafka SETTINGS kafka_broker_list = '{0}', "
                  "kafka_topic_list = 'numbers', kafka_group_name = 'house', kafka_format = 'JSONEachRow'{1}")
        self.kafka.create_topic("numbers")
        ask(self.engine, create.format(self.kafka.address(), ""))
        self.engine.query("CREATE TABLE default.numbers (a UInt64) ENGINE = MergeTree ORDER BY a")
        self.engine.query("CREATE MATERIALIZED VIEW default.from_queue TO default.numbers AS SELECT a FROM default.queue")

        def heal():
            for table in ("from_queue", "queue"):
                ask(self.engine, f"DROP TABLE default.{table} SYNC")
        self.drill("ClickHouseConsumer", "ModernConsumer", "modern", "a record that cannot be parsed",
                   promise=120, inject=lambda: self.kafka.produce("numbers", ["this is no JSON"]), heal=heal)


class Backup(unittest.TestCase):
    """A night cannot be waited for: the agent looks at rows that stand for those of system.backups."""

    def test_backup(self):
        engine = type(self).enterClassContext(NewClickHouse())
        engine.query("CREATE TABLE default.good (a UInt64) ENGINE = MergeTree ORDER BY a")
        engine.query("BACKUP TABLE default.good TO File('good')")
        engine.query("CREATE DATABASE nights")
        engine.query("CREATE TABLE nights.backups AS system.backups ENGINE = Memory")
        wait_for_log(engine)
        engine.query("CREATE VIEW nights.query_log AS SELECT * FROM system.query_log")

        def made(seconds_ago):
            engine.query("TRUNCATE TABLE nights.backups")
            engine.query("INSERT INTO nights.backups (id, status, start_time, end_time) VALUES "
                         f"('n', 'BACKUP_CREATED', now() - {seconds_ago}, now() - {seconds_ago})")
        made(60)
        agent = type(self).enterClassContext(Agent({"clickhouse": [{"url": engine.url, "database": "nights"}],
                                                    "collectors": {name: {"enabled": False} for name in OTHERS}}))
        world = World(type(self), agent, [cluster("nightly", engine, backupToS3=True)], clickhouse=engine, scale=SCALE)
        world.drill("ClickHouseBackup", "NightlyBackup", "nightly", "no backup since the night before last",
                    promise=150, inject=lambda: made(27 * 3600 // SCALE), heal=lambda: made(60))


@unittest.skipUnless(os.geteuid() == 0, "mounting a small disk needs root")
class Disk(unittest.TestCase):
    SIZE = 16 << 20

    def test_disk(self):
        engine = type(self).enterClassContext(NewClickHouse(small_disk=self.SIZE))
        engine.query("CREATE TABLE default.big (s String CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple() "
                     "SETTINGS storage_policy = 'small'")
        engine.query("SYSTEM STOP MERGES default.big")
        world = World(type(self), agent_on(type(self), [engine]),
                      [cluster("tight", engine, monitoring={"alertOnDisk": 90})], clickhouse=engine, scale=SCALE)

        def inject():
            for _ in range(15):
                ask(engine, "INSERT INTO default.big SELECT randomString(1000) FROM numbers(1000)")
        world.drill("ClickHouseDisk", "TightDisk", "tight", "a disk is filled",
                    promise=120, inject=inject, heal=lambda: engine.query("DROP TABLE default.big SYNC"))


class Memory(unittest.TestCase):
    LIMIT = "<max_server_memory_usage>{}</max_server_memory_usage>"

    def test_memory(self):
        engine = type(self).enterClassContext(NewClickHouse())
        config = engine.path / "config.xml"
        ample = config.read_text()

        def restart(limit):
            engine.stop()
            config.write_text(ample.replace("<clickhouse>", "<clickhouse>" + self.LIMIT.format(limit)))
            engine.begin()
        restart(4 * 10**9)
        world = World(type(self), agent_on(type(self), [engine]), [cluster("lean", engine, memoryGB=4)],
                      clickhouse=engine, scale=SCALE)
        world.drill("ClickHouseMemory", "LeanMemory", "lean", "the server is started with a lower limit",
                    promise=420, inject=lambda: restart(2 * 10**9), heal=lambda: restart(4 * 10**9))


class Cpu(unittest.TestCase):
    def test_cpu(self):
        engine = type(self).enterClassContext(OldClickHouse())
        world = World(type(self), agent_on(type(self), [engine], on=("node",)),
                      [cluster("busy", engine, monitoring={"alertOnCPU": 95})], clickhouse=engine)
        burners = []

        def inject():
            for _ in range(os.cpu_count()):
                burners.append(subprocess.Popen(["sh", "-c", "while :; do :; done"]))

        def heal():
            for burner in burners:
                burner.kill()
                burner.wait()
        world.drill("ClickHouseCpu", "BusyCpu", "busy", "another process takes all CPUs",
                    promise=60, inject=inject, heal=heal)


class ZooKeeper(Server):
    """Of Kafka 3.9's distribution; it keeps its data when it is stopped."""

    def __init__(self):
        super().__init__()
        self.port = free_port()
        got = subprocess.run([ROOT / "tests/support/kafka/get", "3.9.2"], check=True, stdout=subprocess.PIPE, text=True)
        self.environment = {**os.environ, "CLASSPATH": got.stdout.strip() + "/*"}
        (self.path / "zoo.cfg").write_text(f"tickTime=500\ndataDir={self.path / 'data'}\nclientPort={self.port}\n"
                                           "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n")
        self.begin()

    def begin(self):
        self.start([*JAVA, "-Xmx64m", "org.apache.zookeeper.server.quorum.QuorumPeerMain", self.path / "zoo.cfg"],
                   env=self.environment)
        self.wait_ready(self._answers)

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"srvr")
                return b"Mode: " in connection.makefile("rb").read()
        except OSError:
            return False


class ReadOnly(unittest.TestCase):
    def test_read_only(self):
        keeper = type(self).enterClassContext(ZooKeeper())
        engine = type(self).enterClassContext(OldClickHouse(keeper=keeper.port))
        engine.query("CREATE TABLE default.copied (a UInt64) ENGINE = ReplicatedMergeTree('/t/copied', 'one') ORDER BY a")
        world = World(type(self), agent_on(type(self), [engine]), [cluster("copies", engine)], clickhouse=engine,
                      scale=SCALE)
        world.drill("ClickHouseReadOnly", "CopiesReadOnly", "copies", "Keeper is stopped",
                    promise=150, inject=keeper.stop, heal=keeper.begin)


if __name__ == "__main__":
    unittest.main()
