r"""Call the service without its stubs, as grpcurl does: everything is asked of the server.

    python examples/g2p/reflection.py [host:port]

The same with grpcurl:

    grpcurl -plaintext -d '{"language": "fra", "texts": ["Bonjour"]}' \
        127.0.0.1:50051 isogloss.g2p.v1.G2PService/Convert
"""

import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToJson, ParseDict
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

with grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051") as channel:
    database = ProtoReflectionDescriptorDatabase(channel)
    print("services:", ", ".join(sorted(database.get_services())))

    pool = DescriptorPool(database)
    service = pool.FindServiceByName("isogloss.g2p.v1.G2PService")
    for method in service.methods:
        print(f"  {method.name}({method.input_type.name}) -> {method.output_type.name}")

    convert = service.FindMethodByName("Convert")
    request, response = GetMessageClass(convert.input_type), GetMessageClass(convert.output_type)
    call = channel.unary_unary(
        f"/{service.full_name}/{convert.name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )
    answer = call(ParseDict({"language": "fra", "texts": ["Bonjour"]}, request()), timeout=10)
    print(MessageToJson(answer, ensure_ascii=False))
