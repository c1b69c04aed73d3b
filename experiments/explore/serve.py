"""Opens the page on this machine, and says where."""

from __future__ import annotations

import ipaddress
import socket
import sys
from pathlib import Path

import uvicorn

from experiments.explore.finished import finished_of
from experiments.explore.guard import Guard
from experiments.explore.server import Explorer
from experiments.explore.sessions import PUBLIC, USUAL, Sessions
from experiments.explore.worlds import Worlds
from simulation.errors import DemandflowError, short
from simulation.reading import SHIPPED

CONFIG = SHIPPED / "experiments" / "barnet_vs_shropshire.yaml"
WAITING = 256
"""Connections that may wait for an answer to begin."""


def explore(config: Path | None, host: str, port: int, public: bool, results: Path | None) -> None:
    """Serve the page until Ctrl-C.

    Args:
        config: an experiment with ``comparison:``; None with ``results``: nothing is run, and those are shown.

    Raises:
        ConfigError, DemandflowError: faults of the files; the address is not to be had.
    """
    listening = bound(host, port)
    with listening:
        print("Getting ready …", file=sys.stderr, flush=True)
        app = program(config, host, listening.getsockname()[1], public, results)
        print(f"Open http://{shown_host(host)}:{listening.getsockname()[1]}/ in a browser; Ctrl-C ends it.", flush=True)
        if not is_loopback(host):
            print("Whoever can reach this machine can use the page.", file=sys.stderr, flush=True)
        server_of(app).run(sockets=[listening])


def program(config: Path | None, host: str, port: int, public: bool, results: Path | None) -> Guard:
    """What answers, with its guard, for a host and the port that it listens at.

    Raises:
        ConfigError, DemandflowError: faults of the files.
    """
    finished = None if results is None else finished_of(results)
    worlds = None
    if config is not None or finished is None:
        worlds = Worlds(config or CONFIG, public)
    explorer = Explorer(worlds, finished, Sessions(PUBLIC if public else USUAL))
    return Guard(explorer.app(), hosts_of(host, port), any_address=is_any(host))


def server_of(app: Guard) -> uvicorn.Server:
    """A server that tells nobody of itself and writes no log."""
    settings = uvicorn.Config(
        app, log_level="critical", access_log=False, server_header=False, lifespan="off", ws="none", http="h11",
        loop="asyncio", limit_concurrency=WAITING, timeout_keep_alive=30, timeout_graceful_shutdown=1,
        proxy_headers=False,
    )  # fmt: skip
    return uvicorn.Server(settings)


def bound(host: str, port: int) -> socket.socket:
    """A place to listen, taken before anything slow is done.

    Raises:
        DemandflowError: it is taken, may not be used, or there is no such address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        raise DemandflowError(f"there is no address '{short(host)}' here. Leave --host out.") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(WAITING)
    except OSError as error:
        listening.close()
        raise DemandflowError(
            f"port {port} of {short(host)} cannot be used: {error.strerror or error}. Another program may have it, "
            "perhaps another explorer; give another with --port, or --port 0 for any that is free."
        ) from None
    return listening


def is_any(host: str) -> bool:
    """Whether a host means every address of this machine."""
    return host in ("0.0.0.0", "::")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_host(host: str) -> str:
    """A host as a browser is given it."""
    if is_any(host):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def hosts_of(host: str, port: int) -> list[str]:
    """The names, with the port, by which the page may be asked for."""
    names = {shown_host(host)}
    if is_loopback(host) or is_any(host):
        names |= {"127.0.0.1", "localhost", "[::1]"}
    return [*(f"{name}:{port}" for name in sorted(names)), *(sorted(names) if port == 80 else [])]
