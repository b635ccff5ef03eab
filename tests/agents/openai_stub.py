"""A small OpenAI-compatible server: answers chat completions from a function, and keeps every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], str]


class Stub(ThreadingHTTPServer):
    """Serves on a free loopback port."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        self.answer, self.requests = answer, list[dict[str, Any]]()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        text = self.server.answer(request)
        body = json.dumps({
            "id": "stub", "object": "chat.completion", "created": 0, "model": request["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextmanager
def serving(answer: Answer) -> Iterator[Stub]:
    """The stub while it runs."""
    with Stub(answer) as stub:
        thread = threading.Thread(target=stub.serve_forever, daemon=True)
        thread.start()
        try:
            yield stub
        finally:
            stub.shutdown()


def words_of(request: dict[str, Any]) -> str:
    """All text of the newest user turn that is a question, not a repair."""
    out = []
    for message in request["messages"]:
        content = message["content"]
        parts = [content] if isinstance(content, str) else [p.get("text", "") for p in content]
        out.append("\n".join(parts))
    return "\n".join(out)


def pictures_of(request: dict[str, Any]) -> list[str]:
    """Data URLs in the request."""
    return [part["image_url"]["url"] for message in request["messages"] if isinstance(message["content"], list)
            for part in message["content"] if part.get("type") == "image_url"]
