"""A small experiment served as ``run.py explore`` serves one, in a thread of the test, and how a page asks it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_experiment import FEW, FEW_ELSEWHERE, SMALL

from experiments.explore.serve import bound, program, server_of

TAB = "0123abcd-test"


def few_configs(folder: Path) -> Path:
    """A small experiment's file, its demands beside it."""
    for place, text in (("demand/few", FEW), ("demand/few_elsewhere", FEW_ELSEWHERE), ("experiments/small", SMALL)):
        path = folder / "configs" / f"{place}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "configs" / "experiments" / "small.yaml"


@dataclass(frozen=True)
class Served:
    """A page's address, and requests to it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in small letters, and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def live(self, state: Any, tab: str = TAB, **more: Any) -> tuple[int, list[dict[str, Any]]]:
        """What a page is told of a state."""
        with self.asked(state, tab, **more) as answer:
            return answer.status, lines_of(answer)

    @contextmanager
    def asked(self, state: Any, tab: str = TAB, **more: Any) -> Iterator[http.client.HTTPResponse]:
        """The answer to a page that asks for a state, as soon as it has begun."""
        body = json.dumps({"tab": tab, "state": state, **more}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/live", body, {"Origin": self.url, "Content-Type": "application/json"})
            yield connection.getresponse()
        finally:
            connection.close()


def lines_of(answer: http.client.HTTPResponse) -> list[dict[str, Any]]:
    """All lines of an answer, read to its end."""
    return [json.loads(line) for line in answer.read().decode().splitlines()]


@contextmanager
def served(config: Path | None, public: bool = False, results: Path | None = None) -> Iterator[Served]:
    """Serve until the block is left."""
    listening = bound("127.0.0.1", 0)
    port = listening.getsockname()[1]
    server = server_of(program(config, "127.0.0.1", port, public, results))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(port)
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive()
