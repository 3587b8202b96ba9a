"""Every shape of call of helloworld.Greeter with grpcio: prints the name of each that was answered."""
import sys

import grpc

port, ca = sys.argv[1:]
with open(ca, "rb") as file:
    secure = grpc.ssl_channel_credentials(file.read())
# A HelloRequest or HelloReply is one text, field 1; the bytes are passed on as they are.
request = b"\x0a\x05story"
path = "/helloworld.Greeter/"
answered = []
with grpc.secure_channel(f"localhost:{port}", secure) as channel:
    if channel.unary_unary(path + "SayHello")(request, timeout=30):
        answered.append("unary")
    if list(channel.unary_stream(path + "SayHelloStreamReply")(request, timeout=30)):
        answered.append("server-stream")
    if channel.stream_unary(path + "SayHelloClientStream")(iter([request] * 3), timeout=30) is not None:
        answered.append("client-stream")
    if list(channel.stream_stream(path + "SayHelloBidiStream")(iter([request] * 3), timeout=30)):
        answered.append("bidi-stream")
print(*answered)
