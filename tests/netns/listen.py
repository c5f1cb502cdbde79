#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answer on one port of 127.0.0.1 and keep another one closed; print both, and serve until ended."""
import socket
import socketserver


class Answer(socketserver.BaseRequestHandler):
    """Greets, then says everything again."""

    def handle(self):
        self.request.sendall(b"hello\r\n")
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    """A listener whose connections end with it."""
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that resets is no event."""


with socket.socket() as reserved, Server(("127.0.0.1", 0), Answer) as server:
    reserved.bind(("127.0.0.1", 0))
    print(server.server_address[1], reserved.getsockname()[1], flush=True)
    server.serve_forever()
