"""What every request must be, and what every answer says to the browser."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_ADDRESS = 16_384
"""Bytes of an address with its query: a page has a few dozen controls."""

MOST_BODY = 32_768


def sha256(text: str) -> str:
    """The hash of a script as a content security policy and an integrity attribute write it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def policy(scripts: Sequence[str]) -> str:
    """A content security policy under which these scripts run and nothing else does; nothing comes from elsewhere.

    Styles may stand inside the page: Plotly sets them on the pictures that it draws, and the report's tables and keys
    have some.
    """
    allowed = " ".join(f"'{sha256(script)}'" for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class Guard:
    """Turns away what is not meant for this page, and says to browsers what the page may do.

    A page elsewhere cannot have its visitors' browsers ask here: a request must name this host (so that no other name
    can be made to lead here), and a request that has work done must come from a page of this host.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], any_address: bool = False):
        """``hosts``: names with ports that lead here. ``any_address``: so does any number of the machine's."""
        self.app, self.hosts, self.any_address = app, {host.lower() for host in hosts}, any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the interface between servers and programs (ASGI) has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy([]))
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
            await send(message)

        fault = self._fault(scope)
        answer = self.app if fault is None else PlainTextResponse(fault[1] + "\n", fault[0])
        await answer(scope, receive, sent)

    def _fault(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or not self._ours(host):
            return 421, "This page answers to its own address only."
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "This page can be read and asked, and nothing else."
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS:
            return 414, "The address is too long. Begin again with Reset to published."
        if scope["method"] == "POST" and headers.get("origin", "").lower() != f"http://{host}":
            return 403, "Only the page itself may ask for work."
        return None

    def _ours(self, host: str) -> bool:
        if host in self.hosts:
            return True
        name, _, _ = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        try:
            ipaddress.ip_address((name or host).strip("[]"))
        except ValueError:
            return False
        return self.any_address
