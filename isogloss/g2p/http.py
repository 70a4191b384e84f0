"""G2P over HTTP and JSON: the messages of g2p.proto in protobuf's JSON form, for whom gRPC is too much.

    curl -s localhost:8080/v1/convert -d '{"language": "fr", "texts": ["Bonjour le monde"]}'

    POST /v1/convert        ConvertRequest → ConvertResponse
    GET  /v1/languages      ListLanguagesResponse
    GET  /v1/languages/fra  Language
    GET  /healthz           200 once it serves
    GET  /openapi.json      what this is, for tools

An error is `{"error": {"code": "INVALID_ARGUMENT", "message": …, "field": …, "fix": …}}`. `isogloss g2p
serve` runs it; the service does where ISOGLOSS_G2P_HTTP_PORT is set.
"""

from typing import Any

from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from isogloss.errors import InvalidInput, IsoglossError
from isogloss.g2p import convert
from isogloss.g2p.engine import catalog
from isogloss.g2p.engine.flite import BackendMissingError
from isogloss.g2p.v1 import g2p_pb2 as pb
from isogloss.settings import settings

_STATUS = {InvalidInput: (400, "INVALID_ARGUMENT"), BackendMissingError: (412, "FAILED_PRECONDITION")}


def app() -> Starlette:
    """The ASGI application."""
    return Starlette(
        routes=[
            Route("/v1/convert", _convert, methods=["POST"]),
            Route("/v1/languages", _languages),
            Route("/v1/languages/{code}", _language),
            Route("/healthz", _health),
            Route("/openapi.json", _openapi),
        ],
        exception_handlers={IsoglossError: _failed},
    )


async def _convert(request: Request) -> Response:
    most = settings().max_message_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise InvalidInput("body", f"more than {most} bytes", "Send fewer texts a call.")
    try:
        message = json_format.Parse(bytes(body), pb.ConvertRequest())
    except (json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        problem = str(error).split("\n")[0][:200]
        raise InvalidInput("body", f"not a ConvertRequest: {problem}", "See /openapi.json.") from None
    return _json(await run_in_threadpool(convert.respond, message, lambda: None))


async def _languages(request: Request) -> Response:
    listed = map(convert.language, catalog.entries().values())
    return _json(pb.ListLanguagesResponse(languages=listed))


async def _language(request: Request) -> Response:
    return _json(convert.language(catalog.resolve(request.path_params["code"])))


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _failed(request: Request, error: Exception) -> Response:
    status, code = next(
        (found for kind, found in _STATUS.items() if isinstance(error, kind)), (500, "INTERNAL")
    )
    message = error.message if isinstance(error, IsoglossError) else "internal error"
    told: dict[str, Any] = {"code": code, "message": message}
    if isinstance(error, InvalidInput):
        told |= {"field": error.field, "problem": error.problem, "fix": error.fix}
    return JSONResponse({"error": told}, status)


def _json(message: Any) -> Response:
    text = json_format.MessageToJson(
        message, preserving_proto_field_name=True, indent=None, ensure_ascii=False
    )
    return Response(text + "\n", media_type="application/json")


async def _openapi(request: Request) -> Response:
    return JSONResponse(_document())


def _document() -> dict[str, Any]:
    """OpenAPI 3.1, its schemas read off the messages."""
    schemas: dict[str, Any] = {}
    for name in ("ConvertRequest", "ConvertResponse", "ListLanguagesResponse"):
        _describe(pb.DESCRIPTOR.message_types_by_name[name], schemas)

    def answer(name: str) -> dict[str, Any]:
        schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
        return {"200": {"description": name, "content": {"application/json": schema}}}

    body = {"application/json": {"schema": {"$ref": "#/components/schemas/ConvertRequest"}}}
    place = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Isogloss G2P", "version": "v1", "description": "Text to IPA; see g2p.proto."},
        "paths": {
            "/v1/convert": {
                "post": {
                    "requestBody": {"required": True, "content": body},
                    "responses": answer("ConvertResponse"),
                }
            },
            "/v1/languages": {"get": {"responses": answer("ListLanguagesResponse")}},
            "/v1/languages/{code}": {"get": {"parameters": [place], "responses": answer("Language")}},
        },
        "components": {"schemas": schemas},
    }


def _describe(message: Any, schemas: dict[str, Any]) -> None:
    if message.name in schemas:
        return
    schemas[message.name] = schema = {"type": "object", "properties": {}}
    for field in message.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            described: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
        elif field.message_type is not None:
            _describe(field.message_type, schemas)
            described = {"$ref": f"#/components/schemas/{field.message_type.name}"}
        elif field.enum_type is not None:
            described = {"type": "string", "enum": [value.name for value in field.enum_type.values]}
        else:
            described = {"type": _TYPES.get(field.cpp_type, "string")}
        repeated = field.is_repeated and not described.get("additionalProperties")
        schema["properties"][field.name] = {"type": "array", "items": described} if repeated else described


_TYPES = {1: "integer", 3: "integer", 5: "number", 6: "number", 7: "boolean"}  # of FieldDescriptor.cpp_type
