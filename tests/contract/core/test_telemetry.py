"""What a collector gets of a call: one trace from the caller to the work, with its key, and the logs; of what
users sent, nothing. The collector is a stand-in that reads OTLP with OpenTelemetry's own messages.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from isogloss import telemetry
from isogloss.errors import InvalidInput
from tests.conftest import S3Server, free_ports

CALLER = """
import sys
from isogloss import client, telemetry
from isogloss.embedder.v1 import embedder_pb2, embedder_pb2_grpc
from isogloss.errors import IsoglossError

telemetry.configure("caller", sys.argv[2])
with client.connect(sys.argv[1]) as channel, telemetry.span("experiment", run="a run"):
    stub = embedder_pb2_grpc.EmbedderServiceStub(channel)
    request = embedder_pb2.EmbedRequest(language="eng")
    request.corpus.uri, request.corpus.size = "s3://x/y", 3
    print(client.work(stub.Embed, request).record.key)
    request.language = "bad"
    try:
        client.work(stub.Embed, request)
    except IsoglossError:
        pass
"""


class Collector:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self.logs: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path: str, body: bytes) -> None:
        """One export."""
        if path == "/v1/traces":
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                part = _values(group.resource.attributes)["service.name"]
                for scope in group.scope_spans:
                    self.spans += [
                        {
                            "part": part,
                            "name": span.name,
                            "trace": span.trace_id.hex(),
                            "id": span.span_id.hex(),
                            "parent": span.parent_span_id.hex(),
                            "status": span.status.message,
                            **_values(span.attributes),
                        }
                        for span in scope.spans
                    ]
        elif path == "/v1/logs":
            for logged in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope_logs in logged.scope_logs:
                    self.logs += [
                        {
                            "message": record.body.string_value,
                            "trace": record.trace_id.hex(),
                            **_values(record.attributes),
                        }
                        for record in scope_logs.log_records
                    ]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()


def _values(attributes: Any) -> dict[str, Any]:
    return {item.key: item.value.string_value for item in attributes}


@pytest.fixture(scope="module")
def collector(s3: S3Server) -> Iterator[Collector]:
    """After one call that counts and one that is refused; all processes have ended."""
    found = Collector()
    port = free_ports(1)[0]
    environment = s3.environment | {
        "ISOGLOSS_LISTEN": f"127.0.0.1:{port}",
        "ISOGLOSS_OTLP_ENDPOINT": found.url,
    }
    toy = [sys.executable, "-m", "tests.contract.core.toy_service"]
    with subprocess.Popen(toy, env=environment, stderr=subprocess.DEVNULL) as server:
        caller = [sys.executable, "-c", CALLER, f"127.0.0.1:{port}", found.url]
        subprocess.run(caller, check=True, env=os.environ, stdout=subprocess.DEVNULL)
        server.terminate()
    yield found
    found.close()


def _one(collector: Collector, **wanted: str) -> dict[str, Any]:
    found = [
        span for span in collector.spans if all(span.get(name) == value for name, value in wanted.items())
    ]
    assert len(found) == 1, json.dumps(collector.spans, indent=1)
    return found[0]


def test_a_call_and_its_work_are_in_the_callers_trace(collector: Collector) -> None:
    experiment = _one(collector, name="experiment")
    assert experiment["isogloss.run"] == "a run"
    embed = "/isogloss.embedder.v1.EmbedderService/Embed"
    call = _one(collector, name=embed, **{"isogloss.code": "OK"})
    assert call["parent"] == experiment["id"]
    work = _one(collector, name="toy")
    assert work["parent"] == call["id"]
    assert len(work["isogloss.key"]) == 64
    assert {span["trace"] for span in collector.spans} == {experiment["trace"]}


def test_a_refused_call_has_its_reason_and_not_what_was_sent(collector: Collector) -> None:
    call = _one(collector, **{"isogloss.code": "INVALID_INPUT"})
    assert "bad" not in json.dumps(call)


def test_logs_go_the_same_way_and_name_the_trace(collector: Collector) -> None:
    calls = [line for line in collector.logs if line["message"] == "call"]
    assert {line["trace"] for line in calls} == {collector.spans[0]["trace"]}
    assert {line["code"] for line in calls} == {"OK", "INVALID_INPUT"}


def test_without_a_collector_nothing_is_made() -> None:
    with telemetry.span("nothing", key="x"):
        assert telemetry.carried() == {}


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(InvalidInput, match=r"isogloss\[telemetry\]"):
        telemetry.configure("part", "http://127.0.0.1:4318")


def test_the_module_is_free_where_it_is_not_asked_for() -> None:
    look = "import sys, isogloss.telemetry; print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
