"""The page of the contracts, made of the comments in protos/."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from google.protobuf import descriptor_pb2 as pb

from tools.site.text import plain

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"

_FILE, _FIELD = pb.FileDescriptorProto, pb.FieldDescriptorProto
Place = tuple[int, ...]
"""Where an element is in its file, as protoc's source info has it."""


def page() -> str:
    """Markdown: for each package its calls, messages and enums, each with its comment."""
    lines = ["# The contracts", "", "Made of the comments in `protos/`; proto path = Python path.", ""]
    for file in _described().file:
        if file.package.startswith("isogloss."):
            lines += _package(file)
    return "\n".join(lines) + "\n"


def _described() -> pb.FileDescriptorSet:
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "set"
        sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", "--include_source_info"]
        subprocess.run([*command, f"--descriptor_set_out={out}", *sources], check=True)
        return pb.FileDescriptorSet.FromString(out.read_bytes())


def _package(file: pb.FileDescriptorProto) -> Iterator[str]:
    comments = {
        tuple(place.path): plain(place.leading_comments or place.trailing_comments)
        for place in file.source_code_info.location
    }
    yield from (f"## {file.package}", "", comments.get((_FILE.PACKAGE_FIELD_NUMBER,), ""), "")
    for i, service in enumerate(file.service):
        at: Place = (_FILE.SERVICE_FIELD_NUMBER, i)
        yield from (f"### {service.name}", "", comments.get(at, ""), "")
        for j, method in enumerate(service.method):
            streams = ("stream " * method.client_streaming, "stream " * method.server_streaming)
            asked, answered = (name.rpartition(".")[2] for name in (method.input_type, method.output_type))
            yield f"**`{method.name}({streams[0]}{asked}) → {streams[1]}{answered}`**"
            yield from ("", comments.get((*at, pb.ServiceDescriptorProto.METHOD_FIELD_NUMBER, j), ""), "")
    for i, message in enumerate(file.message_type):
        yield from _message(message, (_FILE.MESSAGE_TYPE_FIELD_NUMBER, i), comments, message.name)
    for i, enum in enumerate(file.enum_type):
        yield from _enum(enum, (_FILE.ENUM_TYPE_FIELD_NUMBER, i), comments, enum.name)


def _message(message: pb.DescriptorProto, at: Place, comments: dict[Place, str], name: str) -> Iterator[str]:
    yield from (f"### {name}", "", comments.get(at, ""), "")
    if message.field:
        yield from ("| field | type | |", "| --- | --- | --- |")
        for i, field in enumerate(message.field):
            said = comments.get((*at, pb.DescriptorProto.FIELD_FIELD_NUMBER, i), "")
            yield f"| `{field.name}` | {_type(field)} | {said.replace('|', chr(92) + '|')} |"
        yield ""
    for i, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            place = (*at, pb.DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i)
            yield from _message(nested, place, comments, f"{name}.{nested.name}")
    for i, enum in enumerate(message.enum_type):
        place = (*at, pb.DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i)
        yield from _enum(enum, place, comments, f"{name}.{enum.name}")


def _enum(enum: pb.EnumDescriptorProto, at: Place, comments: dict[Place, str], name: str) -> Iterator[str]:
    yield from (f"### {name}", "", comments.get(at, ""), "")
    for i, value in enumerate(enum.value):
        said = comments.get((*at, pb.EnumDescriptorProto.VALUE_FIELD_NUMBER, i), "")
        yield f"- `{value.name}` {said}".rstrip()
    yield ""


def _type(field: pb.FieldDescriptorProto) -> str:
    name = field.type_name.rpartition(".")[2] or _FIELD.Type.Name(field.type).removeprefix("TYPE_").lower()
    return f"{'repeated ' * (field.label == _FIELD.LABEL_REPEATED)}{name}"
