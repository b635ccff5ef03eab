"""A real HTTP server that answers as an OpenAI-compatible endpoint, well or badly, as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Say:
    """One answer."""

    text: str = "hello"
    status: int = 200
    delay_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Instead of a chat completion."""
    drop: bool = False
    """Close the connection without answering."""


class Stub:
    """The server, its script and what it was asked."""

    def __init__(self, script: list[Say]) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.url = ""
        self._lock = threading.Lock()

    def next(self, request: dict[str, Any], key: str) -> Say:
        """The next answer; the last one again when the script is over."""
        with self._lock:
            self.requests.append(request)
            self.keys.append(key)
            return self.script[min(len(self.requests) - 1, len(self.script) - 1)]


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            say = stub.next(body, self.headers.get("authorization", ""))
            time.sleep(say.delay_s)
            if say.drop:
                self.close_connection = True
                return
            if body.get("stream"):
                self._stream(say.text)
                return
            answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "stub",
                      "choices": [{"index": 0, "finish_reason": "stop",
                                   "message": {"role": "assistant", "content": say.text}}],
                      "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}}
            if say.status != 200:
                answer = {"error": {"message": say.text}}
            raw = say.raw if say.raw is not None else json.dumps(answer).encode()
            self.send_response(say.status)
            for name, value in {"content-type": "application/json", **say.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            try:
                self.wfile.write(raw)
            except OSError:
                self.close_connection = True

        def _stream(self, text: str) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            for word in text.split(" "):
                chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub",
                         "choices": [{"index": 0, "delta": {"content": word}}]}
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


@contextmanager
def serving(*script: Say) -> Iterator[Stub]:
    """A stub on a free port of the loopback."""
    stub = Stub(list(script) or [Say()])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
