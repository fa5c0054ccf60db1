"""The server of a proof: answers with JSON."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from born import born, hold


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"answer":42}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


hold()
server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer)
born("server")
server.serve_forever()
