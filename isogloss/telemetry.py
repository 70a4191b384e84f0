"""Traces and logs for an OpenTelemetry collector, where `ISOGLOSS_OTLP_ENDPOINT` names one; else nothing.

A trace is one run: its steps, the calls that they make, the work that a call begins and the job of the child
that carries it out, with the work's key. What joins them between processes is W3C's `traceparent`: in gRPC's
metadata, and in the line that a child gets. As in logs, no text that users sent is told.

    telemetry.configure("trainer", config.otlp_endpoint)
    with telemetry.span("train", carrier=dict(context.invocation_metadata()), key=job.key):
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from isogloss.errors import InvalidInput

_EVERY_MS = 1000  # a child may be ended at any time after its job
_tracer: Any = None
_provider: Any = None


def configure(part: str, endpoint: str) -> None:
    """Send this process's spans and logs to `endpoint`, OTLP over HTTP, under the name of a part.

    Does nothing without an endpoint. Raises `InvalidInput` where the extra `telemetry` is not installed.
    """
    global _tracer, _provider
    if not endpoint or _provider is not None:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.logging.handler import LoggingHandler
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        problem = "it names a collector, and the packages that speak to one are not installed"
        fix = "pip install 'isogloss[telemetry]', or unset it."
        raise InvalidInput("ISOGLOSS_OTLP_ENDPOINT", problem, fix) from missing
    url = endpoint.rstrip("/")
    resource = Resource.create({"service.name": part, "service.namespace": "isogloss"})
    _provider = TracerProvider(resource=resource)
    spans = OTLPSpanExporter(f"{url}/v1/traces")
    _provider.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=_EVERY_MS))
    trace.set_tracer_provider(_provider)
    _tracer = _provider.get_tracer("isogloss")
    collected = LoggerProvider(resource=resource)
    collected.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{url}/v1/logs")))
    logging.getLogger().addHandler(LoggingHandler(logger_provider=collected))


@contextmanager
def span(name: str, carrier: Mapping[str, Any] | None = None, **attributes: str) -> Iterator[None]:
    """What is done inside, as a span below the carrier's, or else below the current one."""
    if _tracer is None:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.propagate import extract

    started = _tracer.start_span(
        name,
        context=None if carrier is None else extract(carrier),
        attributes=_ours(attributes),
    )
    # What an exception says may quote what a user sent: its reason alone is told.
    with trace.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except Exception as error:
            started.set_status(trace.Status(trace.StatusCode.ERROR, getattr(error, "reason", "")))
            raise


def note(**attributes: str) -> None:
    """More about the current span."""
    if _tracer is not None:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(_ours(attributes))


def _ours(attributes: Mapping[str, str]) -> dict[str, str]:
    return {f"isogloss.{field}": value for field, value in attributes.items()}


def carried() -> dict[str, str]:
    """The current span for another process; empty where there is none."""
    carrier: dict[str, str] = {}
    if _tracer is not None:
        from opentelemetry.propagate import inject

        inject(carrier)
    return carrier


def flush() -> None:
    """Send what has ended; for a process that may end without Python's own ending."""
    if _provider is not None:
        _provider.force_flush(timeout_millis=2000)
