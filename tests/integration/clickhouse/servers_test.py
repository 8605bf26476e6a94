# SPDX-License-Identifier: Apache-2.0
"""The agent and real ClickHouse, of 2018 and of today: every check's query runs on both, a healthy
engine shows nothing bad, and each bad state that can be made on an engine is seen."""

import os
import re
import shutil
import threading
import time
import unittest

from clickhouse_server import OTHERS, NewClickHouse, OldClickHouse, QueryError
from servers import Agent, wait_until

PREFIX = "plumbline_clickhouse_"
# More than 0 of these is bad news.
BAD = ("replica_read_only_ratio", "mutations_failing", "kafka_exceptions", "view_failures_total",
       "table_detached_parts", "part_failures_total", "async_insert_failures_total", "dead_letters_total",
       "distributed_broken_files", "distributed_errors", "dictionary_failed_ratio",
       "view_refresh_failed_ratio", "replication_queue_failing", "check_failures_total", "failures_total")


class ClickHouseAgent(Agent):
    """An agent that looks at ClickHouse only."""

    def __init__(self, *servers):
        super().__init__({"clickhouse": list(servers),
                          "collectors": {name: {"enabled": False} for name in OTHERS}})
        self.wait_collecting()

    def points(self, name):
        """[(labels, value)] of one metric, `name` as Prometheus has it, without our prefix."""
        name = name if name.startswith("db_") else PREFIX + name
        found = []
        for line in self.get("/metrics").splitlines():
            match = re.fullmatch(re.escape(name) + r"\{(.*)\} (\S+)", line)
            if match:
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(1)))
                found.append((labels, float(match.group(2))))
        return found

    def value(self, name, **labels):
        """The sum over the points with these labels; None when there is no such point."""
        values = [value for have, value in self.points(name)
                  if all(have.get(key) == wanted for key, wanted in labels.items())]
        return sum(values) if values else None

    def wait_value(self, name, wanted, **labels):
        def there():
            value = self.value(name, **labels)
            return value is not None and wanted(value)
        try:
            wait_until(f"{name} {labels}", there)
        except AssertionError:
            raise AssertionError(f"{name} {labels} is {self.value(name, **labels)}; "
                                 f"all: {self.points(name)}") from None

    def coverage(self):
        return {signal["signal"].removeprefix("clickhouse."): signal
                for signal in self.get_json("/api/v1/coverage")["signals"]
                if signal["signal"].startswith("clickhouse.")}

    def warnings(self):
        return [line for line in self.log().splitlines() if " warning " in line or " error " in line]


class EngineCase(unittest.TestCase):
    engine_type = None

    @classmethod
    def setUpClass(cls):
        if cls.engine_type is None:
            raise unittest.SkipTest("the cases of the engines below")
        cls.engine = cls.enterClassContext(cls.engine_type())
        cls.prepare()
        cls.agent = cls.enterClassContext(ClickHouseAgent({"url": cls.engine.url}))

    @classmethod
    def prepare(cls):
        """Makes the log tables appear."""
        cls.engine.query("CREATE TABLE default.good (p UInt8, a UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY a")
        cls.engine.query("INSERT INTO default.good VALUES (1, 1), (1, 2), (2, 3)")
        wait_until("the logs are written", cls.logs_exist)

    @classmethod
    def logs_exist(cls):
        cls.engine.query("SYSTEM FLUSH LOGS")
        tables = cls.engine.query("SELECT name FROM system.tables WHERE database = 'system'").split()
        return {"query_log", "part_log"} <= set(tables)


class Healthy:
    """What an engine shows that nothing is wrong with."""

    unavailable = set()
    degraded = set()

    def test_what_it_lacks_is_told_by_name(self):
        coverage = self.agent.coverage()
        states = {state: {name for name, signal in coverage.items() if signal["state"] == state}
                  for state in ("unavailable", "degraded")}
        self.assertEqual(states, {"unavailable": self.unavailable, "degraded": self.degraded})
        for name in self.unavailable | self.degraded:
            self.assertRegex(coverage[name]["reason"], "^(there is no system.|system.)")

    def test_every_query_of_ours_succeeds(self):
        for name in set(self.agent.coverage()) - self.unavailable:
            with self.subTest(name):
                label = {"plumbline_clickhouse_check_name": name}
                self.assertGreater(self.agent.value("check_time_seconds_total", **label), 0)
                self.assertEqual(self.agent.value("check_failures_total", **label), 0)

    def test_nothing_bad_is_seen(self):
        self.agent.wait_value("check_time_seconds_total", lambda value: value > 0)
        for name in BAD:
            self.assertIn(self.agent.value(name) or 0, (0,), self.agent.points(name))
        self.assertEqual(self.agent.warnings(), [])
        self.assertEqual(self.agent.value("up_ratio"), 1)
        self.assertEqual(self.agent.points("partition_parts_time_to_delay_seconds"), [])

    def test_parts_rows_and_sizes_are_those_of_the_table(self):
        table = {"db_namespace": "default", "db_collection_name": "good"}
        truth = self.engine.rows("SELECT count(), sum(rows), sum(bytes_on_disk) FROM system.parts "
                                 "WHERE active AND table = 'good'")[0]
        self.assertEqual([self.agent.value(name, **table) for name in
                          ("table_parts", "table_rows", "table_size_bytes")], [float(text) for text in truth])
        self.assertEqual(self.agent.value("partition_parts_max", **table), 1)

    def test_thresholds_are_those_of_the_server(self):
        truth = dict(self.engine.rows("SELECT name, value FROM system.merge_tree_settings WHERE name LIKE 'parts_to_%'"))
        table = {"db_namespace": "default", "db_collection_name": "good"}
        self.assertEqual(self.agent.value("partition_parts_delay_threshold", **table),
                         float(truth["parts_to_delay_insert"]))
        self.assertEqual(self.agent.value("partition_parts_throw_threshold", **table),
                         float(truth["parts_to_throw_insert"]))

    def test_the_version_is_told(self):
        version = self.engine.query("SELECT version()").strip()
        self.assertEqual(self.agent.value("build_ratio", plumbline_clickhouse_version=version), 1)


class OldHealthy(Healthy, EngineCase):
    engine_type = OldClickHouse
    unavailable = {"async_insert_failures", "async_inserts", "backups", "dead_letters", "detached_parts", "disks",
                   "distributed", "errors", "inserts", "kafka_consumers", "keeper", "memory_limit", "moves",
                   "query_shapes", "spans", "view_failures", "view_refreshes"}
    degraded = {"dictionaries", "mutations", "processes", "query_cost", "query_duration", "query_spans", "replicas"}


class NewHealthy(Healthy, EngineCase):
    engine_type = NewClickHouse
    # No Keeper is configured, and no log table appears before its first row.
    unavailable = {"keeper"}

    def test_the_rows_that_our_queries_read_are_counted(self):
        self.assertGreater(self.agent.value("check_rows_total"), 0)


class Clustered(unittest.TestCase):
    """All queries as they are asked of every replica of a cluster."""

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(NewClickHouse())
        cls.engine.query("SYSTEM FLUSH LOGS")
        cls.agent = cls.enterClassContext(ClickHouseAgent({"url": cls.engine.url, "cluster": "self"}))

    def test_every_query_succeeds(self):
        self.assertEqual({name for name, signal in self.agent.coverage().items() if signal["state"] != "available"},
                         {"keeper"})
        self.assertEqual(self.agent.value("check_failures_total"), 0)
        self.assertEqual(self.agent.warnings(), [])

    def test_rows_speak_of_the_replica_they_come_from(self):
        labels, _ = self.agent.points("build_ratio")[0]
        self.assertEqual(labels["server_address"], self.engine.query("SELECT hostName()").strip())
        self.assertNotIn("server_port", labels)


class Troubled:
    """Bad states of an engine, each made by what makes it in life."""

    @classmethod
    def prepare(cls):
        super().prepare()
        query = cls.engine.query
        query("CREATE TABLE default.full (a UInt64) ENGINE = MergeTree ORDER BY a "
              "SETTINGS parts_to_delay_insert = 6, parts_to_throw_insert = 10")
        query("SYSTEM STOP MERGES default.full")
        for number in range(7):
            query(f"INSERT INTO default.full VALUES ({number})")
        query("CREATE TABLE default.mutated (s String) ENGINE = MergeTree ORDER BY tuple()")
        query("INSERT INTO default.mutated VALUES ('Jane Doe')")
        try:
            query("ALTER TABLE default.mutated DELETE WHERE toUInt32(s) = 1")
        except QueryError:
            pass  # chdb waits for the first try
        query("CREATE TABLE default.detached (p UInt8, a UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY a")
        query("INSERT INTO default.detached VALUES (1, 1), (2, 2)")
        query("ALTER TABLE default.detached DETACH PARTITION 1")

    def test_parts_stand_against_the_tables_own_threshold(self):
        table = {"db_namespace": "default", "db_collection_name": "full"}
        self.assertEqual(self.agent.value("partition_parts_max", **table), 7)
        self.assertEqual(self.agent.value("partition_parts_delay_threshold", **table), 6)
        self.assertEqual(self.agent.value("partition_parts_throw_threshold", **table), 10)
        self.agent.wait_value("partition_parts_utilization_ratio", lambda value: value == 0.7, **table)
        self.agent.wait_value("partition_parts_time_to_delay_seconds", lambda value: value == 0, **table)
        self.assertIsNone(self.agent.value("partition_parts_time_to_delay_seconds",
                                           db_namespace="default", db_collection_name="good"))

    def test_a_failing_mutation_is_pending(self):
        table = {"db_namespace": "default", "db_collection_name": "mutated"}
        self.agent.wait_value("mutations_pending", lambda value: value == 1, **table)
        self.agent.wait_value("mutations_parts", lambda value: value == 1, **table)
        self.agent.wait_value("mutation_age_seconds", lambda value: value > 0, **table)


class OldTroubled(Troubled, EngineCase):
    engine_type = OldClickHouse

    def test_queries_are_counted_once_and_their_failures_too(self):
        who = {"plumbline_clickhouse_user": "reader", "db_operation_name": "SELECT"}
        for _ in range(20):
            self.engine.query("SELECT count() FROM default.good", user="reader")
        for _ in range(3):
            with self.assertRaises(QueryError):
                self.engine.query("SELECT throwIf(1)", user="reader")
        self.agent.wait_value("query_count_total", lambda value: value >= 23, **who)
        self.agent.wait_value("query_failures_total", lambda value: value >= 3, **who)
        time.sleep(12)  # another look, that must not count them again
        self.assertEqual(self.agent.value("query_count_total", **who), 23)
        self.assertEqual(self.agent.value("query_failures_total", **who), 3)
        self.assertEqual(self.agent.value("db_client_operation_duration_seconds_count", **who), 23)

    def test_a_slow_query_is_seen_while_it_runs(self):
        slow = threading.Thread(target=lambda: self.engine.query(
            "SELECT sleep(1), number FROM system.numbers LIMIT 25 FORMAT Null", max_block_size=1,
            user="monitor", password="s3cret-Word"))
        slow.start()
        try:
            self.agent.wait_value("query_age_seconds", lambda value: value > 5, plumbline_clickhouse_user="monitor")
        finally:
            slow.join()

    def test_new_parts_are_counted_by_table(self):
        self.engine.query("CREATE TABLE default.counted (a UInt64) ENGINE = MergeTree ORDER BY a")
        for number in range(5):
            self.engine.query(f"INSERT INTO default.counted VALUES ({number}), ({number})")
        table = {"db_namespace": "default", "db_collection_name": "counted"}
        self.agent.wait_value("new_parts_total", lambda value: value == 5, **table)
        self.assertEqual(self.agent.value("new_part_rows_total", **table), 10)


class NewTroubled(Troubled, EngineCase):
    engine_type = NewClickHouse

    @classmethod
    def prepare(cls):
        super().prepare()
        query = cls.engine.query
        # A part that the engine found broken lies among the detached ones under such a name.
        path = query("SELECT path FROM system.detached_parts WHERE table = 'detached'").strip()
        shutil.copytree(path, os.path.join(os.path.dirname(path.rstrip("/")), "broken_2_9_9_0"))
        query("CREATE TABLE default.far (a UInt64) ENGINE = Distributed(both, default, nowhere, rand())")
        query("INSERT INTO default.far SETTINGS distributed_foreground_insert = 0 VALUES (1), (2)")
        try:
            query("SYSTEM FLUSH DISTRIBUTED default.far")
        except QueryError:
            pass
        query("CREATE DICTIONARY default.words (id UInt64, word String) PRIMARY KEY id "
              "SOURCE(CLICKHOUSE(TABLE 'missing')) LAYOUT(FLAT()) LIFETIME(60)")
        try:
            query("SYSTEM RELOAD DICTIONARY default.words")
        except QueryError:
            pass
        query("BACKUP TABLE default.good TO File('good')")

    def test_a_failing_mutation_has_its_reason_without_the_data(self):
        self.agent.wait_value("mutations_failing", lambda value: value == 1, db_collection_name="mutated")
        line = self.agent.wait_ready(lambda: [line for line in self.agent.warnings() if "default.mutated" in line])[0]
        self.assertIn("Cannot parse string ? as UInt32", line)
        self.assertNotIn("Jane", self.agent.log())

    def test_detached_parts_have_their_reason(self):
        table = {"db_namespace": "default", "db_collection_name": "detached"}
        for reason in ("", "broken"):
            self.agent.wait_value("table_detached_parts", lambda value: value == 1,
                                  plumbline_clickhouse_detach_reason=reason, **table)

    def test_rows_that_cannot_be_sent_wait(self):
        table = {"db_namespace": "default", "db_collection_name": "far"}
        self.agent.wait_value("distributed_files", lambda value: value > 0, **table)
        self.agent.wait_value("distributed_errors", lambda value: value > 0, **table)
        self.agent.wait_ready(lambda: [line for line in self.agent.warnings() if "distributed default.far" in line])

    def test_a_dictionary_that_does_not_load_is_told(self):
        self.agent.wait_value("dictionary_failed_ratio", lambda value: value == 1, db_collection_name="words")

    def test_a_backup_is_seen(self):
        self.agent.wait_value("backups", lambda value: value == 1, plumbline_clickhouse_backup_status="BACKUP_CREATED")

    def test_a_failing_view_is_told(self):
        self.engine.query("CREATE TABLE default.source (a UInt64) ENGINE = MergeTree ORDER BY a")
        self.engine.query("CREATE MATERIALIZED VIEW default.picky ENGINE = MergeTree ORDER BY b AS "
                          "SELECT throwIf(a = 666, 'beast 666') AS b FROM default.source")
        for number in (1, 666, 666):
            try:
                self.engine.query(f"INSERT INTO default.source VALUES ({number})")
            except QueryError as error:
                self.assertIn("beast", str(error))
        self.agent.wait_value("view_failures_total", lambda value: value == 2,
                              plumbline_clickhouse_view_name="default.picky")
        self.agent.wait_ready(lambda: [line for line in self.agent.warnings() if "default.picky" in line])

    def test_cost_goes_to_the_team_that_the_query_names(self):
        for _ in range(15):
            self.engine.query("SELECT count() FROM default.good WHERE a > 1", log_comment='{"team": "growth"}')
        for number in range(5):
            self.engine.query(f"SELECT a FROM default.good WHERE a = {number}", log_comment="billing")
        self.agent.wait_value("query_count_total", lambda value: value == 15, plumbline_team="growth")
        self.agent.wait_value("query_count_total", lambda value: value == 5, plumbline_team="billing",
                              db_operation_name="SELECT")
        truth = self.engine.query(
            "SELECT lower(hex(normalizedQueryHash('SELECT a FROM default.good WHERE a = 1')))").strip()
        shapes = [labels for labels, value in self.agent.points("query_shape_count_total")
                  if labels["db_query_summary"] == "SELECT default.good" and value == 5]
        self.assertEqual(len(shapes), 1, (truth, self.agent.points("query_shape_count_total")))
        time.sleep(12)  # another look, that must not count them again
        self.assertEqual(self.agent.value("query_count_total", plumbline_team="growth"), 15)

    def test_inserts_have_their_shape(self):
        self.engine.query("CREATE TABLE default.counted (a UInt64) ENGINE = MergeTree ORDER BY a")
        for number in range(4):
            self.engine.query(f"INSERT INTO default.counted VALUES ({number}), ({number}), ({number})")
        shape = {"db_namespace": "default", "db_collection_name": "counted", "plumbline_clickhouse_user": "default"}
        self.agent.wait_value("inserts_total", lambda value: value == 4, **shape)
        self.assertEqual(self.agent.value("insert_rows_total", **shape), 12)
        self.agent.wait_value("new_parts_total", lambda value: value == 4, db_collection_name="counted")


@unittest.skipUnless(os.geteuid() == 0, "mounting a small disk needs root")
class FullDisk(unittest.TestCase):
    SIZE = 16 << 20

    def test_it_is_seen(self):
        with NewClickHouse(small_disk=self.SIZE) as engine:
            engine.query("CREATE TABLE default.big (s String CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple() "
                         "SETTINGS storage_policy = 'small'")
            engine.query("SYSTEM STOP MERGES default.big")
            with self.assertRaises(QueryError):
                for _ in range(100):
                    engine.query("INSERT INTO default.big SELECT randomString(1000) FROM numbers(1000)")
            with ClickHouseAgent({"url": engine.url}) as agent:
                disk = {"plumbline_clickhouse_disk_name": "small"}
                self.assertEqual(agent.value("disk_limit_bytes", **disk), self.SIZE)
                self.assertLess(agent.value("disk_free_bytes", **disk), 2 << 20)
                self.assertGreater(agent.value("disk_free_bytes", plumbline_clickhouse_disk_name="default"), 2 << 20)
                self.assertEqual(agent.value("errors_total", plumbline_clickhouse_error_name="NOT_ENOUGH_SPACE"), 1)


class Overlaid(unittest.TestCase):
    """States that need a cluster, as rows of tables that stand for those of system: the setting
    `database` lets the agent look there."""

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(NewClickHouse())
        query = cls.engine.query
        query("SYSTEM FLUSH LOGS")
        query("CREATE DATABASE views")
        for table in ("replicas", "replication_queue", "kafka_consumers", "moves", "view_refreshes",
                      "dead_letter_queue", "asynchronous_insert_log"):
            query(f"CREATE TABLE views.{table} AS system.{table} ENGINE = Memory")
        query("INSERT INTO views.replicas (database, table, is_readonly, readonly_start_time, absolute_delay, "
              "queue_size, log_max_index, log_pointer, total_replicas, active_replicas, lost_part_count, "
              "zookeeper_exception) VALUES ('db', 'events', 1, now() - 90, 600, 12, 110, 100, 4, 1, 3, "
              "'Coordination error: Session expired')")
        query("INSERT INTO views.replication_queue (database, table, type, num_tries, create_time, last_exception) "
              "VALUES ('db', 'events', 'GET_PART', 41, now() - 1000, "
              "'Code: 234. DB::Exception: No active replica has part all_0_5_1 or covering part')")
        query("INSERT INTO views.kafka_consumers (database, table, consumer_id, `exceptions.time`, "
              "`exceptions.text`, last_poll_time, num_messages_read, missing_dependencies) VALUES ('db', 'queue', "
              "'c', [now()], ['Cannot parse input: expected \\'{\\' before: \\'password=hunter2\\''], now() - 120, "
              "500, [['db.gone']])")
        query("INSERT INTO views.moves (database, table, elapsed, target_disk_name, part_name) "
              "VALUES ('db', 'events', 75, 'cold', 'all_1_1_0')")
        query("INSERT INTO views.view_refreshes (database, view, exception) VALUES ('db', 'daily', 'Code: 60')")
        cls.agent = cls.enterClassContext(ClickHouseAgent({"url": cls.engine.url, "database": "views"}))

    def test_a_replica_that_lost_keeper(self):
        table = {"db_namespace": "db", "db_collection_name": "events"}
        for name, wanted in {"replica_read_only_ratio": 1, "replica_delay_seconds": 600, "replica_queue": 12, "replica_log_lag": 11,
                             "replica_inactive_ratio": 0.75, "replica_lost_parts_total": 3}.items():
            self.assertEqual(self.agent.value(name, **table), wanted, name)
        self.assertGreaterEqual(self.agent.value("replica_read_only_time_seconds", **table), 90)
        self.assertTrue([line for line in self.agent.warnings() if "Session expired" in line])

    def test_a_stuck_queue_entry_has_its_exception(self):
        labels = {"db_collection_name": "events", "plumbline_clickhouse_queue_type": "GET_PART"}
        self.assertEqual(self.agent.value("replication_queue_failing", **labels), 1)
        self.assertEqual(self.agent.value("replication_queue_tries", **labels), 41)
        self.assertGreaterEqual(self.agent.value("replication_queue_age_seconds", **labels), 1000)
        self.assertTrue([line for line in self.agent.warnings() if "No active replica has part" in line])

    def test_a_kafka_table_that_does_not_read(self):
        table = {"db_collection_name": "queue"}
        for name, wanted in {"kafka_consumers": 1, "kafka_partitions": 0, "kafka_messages_total": 500,
                             "kafka_exceptions": 1, "kafka_missing_dependencies": 1}.items():
            self.assertEqual(self.agent.value(name, **table), wanted, name)
        self.assertGreaterEqual(self.agent.value("kafka_poll_age_seconds", **table), 120)
        self.assertEqual(self.agent.points("kafka_commit_age_seconds"), [], "it never committed")
        self.assertIn("Cannot parse input: expected ? before: ?", self.agent.log())
        self.assertNotIn("hunter2", self.agent.log())

    def test_a_move_that_takes_long_and_a_view_that_is_not_refreshed(self):
        self.assertEqual(self.agent.value("move_age_seconds", plumbline_clickhouse_disk_name="cold"), 75)
        self.assertEqual(self.agent.value("view_refresh_failed_ratio", db_collection_name="daily"), 1)
        self.assertEqual(self.agent.points("view_refresh_age_seconds"), [], "it never was")

    def test_messages_put_aside_and_inserts_lost_are_counted_once(self):
        for _ in range(3):
            self.engine.query(
                "INSERT INTO views.dead_letter_queue (event_date, event_time, database, table, error, raw_message, "
                "kafka_topic_name) VALUES (today(), now(), 'db', 'queue', 'Cannot parse \\'4111\\'', 'x', 'orders')")
            self.engine.query(
                "INSERT INTO views.asynchronous_insert_log (event_date, event_time, database, table, status, "
                "exception) VALUES (today(), now(), 'db', 'events', 'ParsingError', 'Cannot parse \\'4111\\'')")
        self.agent.wait_value("dead_letters_total", lambda value: value == 3, messaging_destination_name="orders")
        self.agent.wait_value("async_insert_failures_total", lambda value: value == 3,
                              plumbline_clickhouse_insert_status="ParsingError")
        self.assertTrue([line for line in self.agent.warnings() if "dead_letters db.queue" in line])
        self.assertNotIn("4111", self.agent.log())
        time.sleep(12)  # another look, that must not count them again
        self.assertEqual(self.agent.value("dead_letters_total"), 3)

    def test_everything_else_is_not_there(self):
        available = {name for name, signal in self.agent.coverage().items() if signal["state"] != "unavailable"}
        self.assertEqual(available, {"replicas", "replica_logs", "replication_queue", "kafka_consumers", "moves",
                                     "view_refreshes", "dead_letters", "async_insert_failures"})


class Access(unittest.TestCase):
    """Users, passwords and restarts of a real server."""

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(OldClickHouse())

    def test_a_password_from_a_file_lets_us_in(self):
        with ClickHouseAgent() as agent:
            password = agent.path / "password"
            password.write_text("s3cret-Word\n")
            with ClickHouseAgent({"url": self.engine.url, "user": "monitor", "password_file": str(password)}) as inside:
                inside.wait_value("up_ratio", lambda value: value == 1)

    def test_a_wrong_password_is_one_line(self):
        with ClickHouseAgent() as agent:
            password = agent.path / "password"
            password.write_text("wrong\n")
            with ClickHouseAgent({"url": self.engine.url, "user": "monitor", "password_file": str(password)}) as outside:
                outside.wait_value("up_ratio", lambda value: value == 0)
                self.assertEqual(len(outside.warnings()), 1, outside.log())
                self.assertIn("Wrong password for user monitor", outside.warnings()[0])

    def test_a_user_who_may_set_nothing_is_served_and_told(self):
        with ClickHouseAgent({"url": self.engine.url, "user": "strict"}) as agent:
            agent.wait_value("metric", lambda value: value > 0)
            self.assertEqual(len(agent.warnings()), 1, agent.log())
            self.assertIn("readonly = 1", agent.warnings()[0])
            self.assertEqual(agent.value("check_failures_total"), 0)

    def test_a_user_who_may_set_all_but_readonly_is_served(self):
        with ClickHouseAgent({"url": self.engine.url, "user": "reader"}) as agent:
            agent.wait_value("metric", lambda value: value > 0)
            self.assertEqual(agent.warnings(), [])

    def test_a_database_without_tables_is_one_line(self):
        with ClickHouseAgent({"url": self.engine.url, "database": "no'such`one\n"}) as agent:
            agent.wait_value("up_ratio", lambda value: value == 0)
            self.assertEqual(len(agent.warnings()), 1, agent.log())
            self.assertIn("has no table of system", agent.warnings()[0])

    def test_a_cluster_is_refused_by_a_server_that_cannot_ask_it(self):
        with ClickHouseAgent({"url": self.engine.url, "cluster": "both"}) as agent:
            agent.wait_value("up_ratio", lambda value: value == 1)
            self.assertIn("clusterAllReplicas", agent.coverage()["parts"]["reason"])

    def test_a_restart_is_survived(self):
        with OldClickHouse() as engine, ClickHouseAgent({"url": engine.url}) as agent:
            agent.wait_value("up_ratio", lambda value: value == 1)
            engine.stop()
            agent.wait_value("up_ratio", lambda value: value == 0)
            self.assertEqual(agent.points("metric"), [], "nothing is known of it now")
            engine.begin()
            agent.wait_value("up_ratio", lambda value: value == 1)
            agent.wait_value("metric", lambda value: value > 0)


class Names(EngineCase):
    """Names of whatever shape, on the engine that lets them be."""

    engine_type = NewClickHouse

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.engine.query("CREATE DATABASE `it's\\n\"db\"`")
        cls.engine.query("CREATE TABLE `it's\\n\"db\"`.`x'); DROP TABLE t; --` (a UInt8) ENGINE = MergeTree ORDER BY a")
        cls.engine.query("INSERT INTO `it's\\n\"db\"`.`x'); DROP TABLE t; --` VALUES (1)")

    def test_they_are_attributes_and_nothing_else(self):
        self.assertEqual(self.agent.value("table_rows", db_namespace="it's\\n\\\"db\\\"",
                                          db_collection_name="x'); DROP TABLE t; --"), 1)
        self.assertEqual(self.agent.warnings(), [])


if __name__ == "__main__":
    unittest.main()
