"""One SayHello with grpcio and a deadline: prints the name of its status."""
import sys

import grpc

port, ca, deadline_s = sys.argv[1:]
with open(ca, "rb") as file:
    secure = grpc.ssl_channel_credentials(file.read())
with grpc.secure_channel(f"localhost:{port}", secure) as channel:
    call = channel.unary_unary("/helloworld.Greeter/SayHello")
    try:
        # A HelloRequest is one text, field 1.
        call(b"\x0a\x05story", timeout=float(deadline_s))
        print("OK")
    except grpc.RpcError as error:
        print(error.code().name)
