# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface of a ClickHouse server, as far as a monitoring client sees it, in front of a chdb
session: chdb_http.py PORT DATA_FOLDER CONFIG. chdb is today's engine in a library; it has no server.

Settings, parameters and the database come in the URL, the query in the URL or the body, as for a
server. Users are not checked: the old server does that."""

import gzip
import json
import re
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

# Of the HTTP interface itself, not settings of the engine.
INTERFACE = {"query", "database", "user", "password", "default_format", "query_id", "session_id",
             "wait_end_of_query", "buffer_size", "enable_http_compression"}
CODE = re.compile(r"Code: (\d+)")
STATUS = {"516": 403, "192": 404, "60": 404, "81": 404, "47": 404, "62": 400, "115": 404, "159": 408}


class Engine:
    """One query at a time: a session is not made for more."""

    def __init__(self, folder, config):
        self.session = session.Session(f"{folder}?config-file={config}")
        self.lock = threading.Lock()

    def run(self, query, output_format, database):
        with self.lock:
            self.session.query(f"USE `{database}`")
            return self.session.query(query, output_format)


def with_settings(query, settings):
    if not settings or not re.match(r"\s*(select|with)\b", query, re.IGNORECASE):
        return query
    def value(text):
        return text if re.fullmatch(r"-?\d+(\.\d+)?", text) else "'" + text.replace("'", "\\'") + "'"
    return query.rstrip().rstrip(";") + " SETTINGS " + ", ".join(f"{k}={value(v)}" for k, v in settings.items())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine = None

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers):
        if "gzip" in self.headers.get("Accept-Encoding", "") and self.compress:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.handle_query("")

    def do_POST(self):
        self.handle_query(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def handle_query(self, body):
        url = urlsplit(self.path)
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
        self.compress = parameters.get("enable_http_compression") == "1"
        query = " ".join(part for part in (parameters.get("query"), body) if part)
        if url.path == "/ping" or not query:
            return self.answer(200, b"Ok.\n", {})
        settings = {key: value for key, value in parameters.items() if key not in INTERFACE}
        output_format = parameters.get("default_format", "TabSeparated")
        headers = {"X-ClickHouse-Query-Id": parameters.get("query_id", str(uuid.uuid4())),
                   "X-ClickHouse-Format": output_format}
        try:
            result = self.engine.run(with_settings(query, settings), output_format,
                                     parameters.get("database", "default"))
        except Exception as error:
            code = (CODE.search(str(error)) or ["", "1002"])[1]
            headers["X-ClickHouse-Exception-Code"] = code
            return self.answer(STATUS.get(code, 500), f"{error}\n".encode(), headers)
        headers["X-ClickHouse-Summary"] = json.dumps({
            "read_rows": str(result.storage_rows_read()), "read_bytes": str(result.storage_bytes_read()),
            "elapsed_ns": str(int(result.elapsed() * 1e9))})
        return self.answer(200, result.bytes() or b"", headers)


if __name__ == "__main__":
    Handler.engine = Engine(sys.argv[2], sys.argv[3])
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    print("ready", flush=True)
    server.serve_forever()
