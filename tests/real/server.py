#!/usr/bin/env python3
"""A small API on 127.0.0.1 for the scripts beside it: /ok answers, /broke has no credits left, /slow is not ready yet."""

import http.server
import json
import sys
import time

STARTED = time.monotonic()


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-Id", "req-7f3a91")
        self.end_headers()
        self.wfile.write(body)

    def refuse(self):
        error = {"message": 'Quota exceeded: "a|b" <b> & ::error::c ```', "code": "insufficient_quota"}
        self.answer(429, {"error": error})

    def do_GET(self):
        models = [{"id": "gpt-5.5", "object": "model"}]
        self.answer(200, {"object": "list", "data": models})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path.startswith("/broke"):
            return self.refuse()
        if self.path.startswith("/slow") and time.monotonic() - STARTED < 3:
            return self.answer(503, {"error": {"message": "Loading model", "type": "unavailable_error"}})
        if request.get("stream"):
            return self.stream()
        message = {"role": "assistant", "content": "OK"}
        self.answer(200, {"object": "chat.completion", "choices": [{"message": message, "finish_reason": "stop"}]})

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for delta in ({"role": "assistant", "content": "OK"}, {}):
            reason = None if delta else "stop"
            chunk = {"object": "chat.completion.chunk", "choices": [{"delta": delta, "finish_reason": reason}]}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    with open(sys.argv[1], "w", encoding="ascii") as place:
        place.write(str(server.server_port))
    server.serve_forever()
