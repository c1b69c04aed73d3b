"""The page's program: it answers with the page, with a state lived while the browser waits, and with saved files."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from experiments.explore.evens import Even
from experiments.explore.finished import Finished
from experiments.explore.guard import MOST_BODY
from experiments.explore.live import FIRST, Hands, Run, evened, followed, lived
from experiments.explore.page import Scripts, page_text
from experiments.explore.saved import FILE, experiment_text
from experiments.explore.sessions import Sessions
from experiments.explore.state import Refused, State, models_in, state_of
from experiments.explore.view import first_look, last_look, second_look, waits_piece
from experiments.explore.waits import both_wait, waits_of
from experiments.explore.world import World
from experiments.explore.worlds import Worlds
from simulation.engine_compiled import Cancelled
from simulation.errors import DemandflowError

TAB = re.compile(r"[0-9A-Za-z-]{8,64}")
FAULT = "Something went wrong while this was worked out. Begin again with Reset to published."


@dataclass(frozen=True)
class Question:
    """What a page in a browser asks: a state, and how it will be shown."""

    tab: str
    narrow: bool
    world: World
    state: State


@dataclass
class Explorer:
    """Everything the page's program holds. ``worlds`` None: finished results alone."""

    worlds: Worlds | None
    finished: Finished | None
    sessions: Sessions
    hands: Hands = field(default_factory=Hands)
    scripts: Scripts = field(default_factory=Scripts)

    def __post_init__(self) -> None:
        self._plotly = gzip.compress(self.scripts.plotly.encode("utf-8"), 6, mtime=0)

    @property
    def public(self) -> bool:
        """Whether everybody may use it: presets only, and nothing is handed out but the page."""
        return self.worlds is not None and self.worlds.presets_only

    def app(self) -> Starlette:
        """The program as a server runs it."""
        routes = [Route("/", self._page), Route(self.scripts.address, self._drawing)]
        if self.worlds is not None:
            routes.append(Route("/live", self._live, methods=["POST"]))
            routes += [] if self.public else [Route("/save", self._save)]
        if self.finished is not None:
            routes += [Route("/results/{name}", self._result), Route("/results/tables/{name}", self._table)]
        return Starlette(routes=routes, exception_handlers={404: _nothing_here, 405: _nothing_here, 500: _fault})

    def _asked(self, given: list[tuple[str, Any]]) -> tuple[World, State]:
        """The comparison and the state that an address or a request names.

        Raises:
            DemandflowError: with a sentence for the visitor.
        """
        assert self.worlds is not None
        models = models_in(given, self.worlds.titles, self.worlds.home.models)
        world = self.worlds.world(models)
        return world, state_of(given, models, world.choices, world.config.headline_transfer)

    async def _page(self, request: Request) -> Response:
        if self.worlds is None:
            assert self.finished is not None
            return RedirectResponse(f"/results/{self.finished.first}", 303)
        return await anyio.to_thread.run_sync(self._paged, list(request.query_params.multi_items()))

    def _paged(self, given: list[tuple[str, Any]]) -> Response:
        assert self.worlds is not None
        try:
            world, state = self._asked(given)
            share = world.asked(state).share
        except DemandflowError as error:
            return _refusal(error)
        results = "" if self.finished is None else self.finished.first
        text = page_text(self.worlds, world, state, share, self.scripts, results)
        return HTMLResponse(text, headers={"Content-Security-Policy": self.scripts.policy})

    async def _drawing(self, request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self._plotly, media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
        return Response(self.scripts.plotly, media_type="text/javascript", headers=headers)

    async def _save(self, request: Request) -> Response:
        return await anyio.to_thread.run_sync(self._saved, list(request.query_params.multi_items()))

    def _saved(self, given: list[tuple[str, Any]]) -> Response:
        try:
            world, state = self._asked(given)
            text = experiment_text(world, world.asked(state))
        except DemandflowError as error:
            return _refusal(error)
        headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
        return Response(text, media_type="application/yaml", headers=headers)

    async def _result(self, request: Request) -> Response:
        assert self.finished is not None
        found = self.finished.pages.get(request.path_params["name"])
        if found is None:
            return await _nothing_here(request, None)
        return HTMLResponse(found[0], headers={"Content-Security-Policy": found[1]})

    async def _table(self, request: Request) -> Response:
        assert self.finished is not None
        place = None if self.public else self.finished.tables.get(request.path_params["name"])
        if place is None:
            return await _nothing_here(request, None)
        text = await anyio.to_thread.run_sync(place.read_bytes)
        return Response(text, media_type="text/csv")

    async def _live(self, request: Request) -> Response:
        body = await _body(request)
        place = request.client.host if request.client is not None else ""
        try:
            if body is None:
                raise Refused("That is more than a page would ask.")
            question = await anyio.to_thread.run_sync(self._question, body)
            run = self.sessions.begin(question.tab, place)
        except DemandflowError as error:
            return PlainTextResponse(_line({"fault": str(error)}), 400, media_type="application/x-ndjson")
        return StreamingResponse(self._told(question, run), media_type="application/x-ndjson")

    def _question(self, body: bytes) -> Question:
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            asked = None
        state = asked.get("state") if isinstance(asked, dict) else None
        tab = asked.get("tab") if isinstance(asked, dict) else None
        if not isinstance(state, Mapping) or not isinstance(tab, str) or not TAB.fullmatch(tab):
            raise Refused("That is not what this page asks. Load the page again.")
        world, found = self._asked(list(state.items()))
        return Question(tab, asked.get("narrow") is True, world, found)

    async def _told(self, question: Question, run: Run) -> AsyncIterator[str]:
        lines = self._lines(question, run)
        try:
            while True:
                line = await anyio.to_thread.run_sync(_next(lines), abandon_on_cancel=True)
                if line is None:
                    return
                yield line
        finally:
            self.sessions.end(question.tab, run)

    def _lines(self, question: Question, run: Run) -> Iterator[str]:
        """What the browser is told, a line each: looks at so many pairs, what follows them, and break-evens."""
        world, state = question.world, question.state
        most = min(world.pairs, self.sessions.limits.pairs)
        try:
            asked = world.asked(state)
            known = {} if state.over else world.evens
            for outcomes in lived(asked, run, self.hands, most):
                pairs = len(outcomes)
                first, last = pairs <= FIRST, pairs == most
                follows = last or FIRST < pairs <= 2 * FIRST  # whoever moves on at once needs none of it
                told, pieces, results = first_look(world, asked, outcomes)
                shown = [piece.told() for piece in pieces]
                yield _line({"kind": "look", "of": most, "first": first, **told, "pieces": shown})
                if first and known:
                    yield _marks(known)
                if follows:
                    rest = [*second_look(world, asked, outcomes, results, question.narrow)]
                    yield _line({"kind": "rest", "pieces": [piece.told() for piece in rest]})
                if last:
                    points = {name: text for piece in (*pieces, *rest) for name, text in piece.points().items()}
                    yield _line({"kind": "points", "points": points})
            if asked.ledger is not None:
                needs = last_look(world, asked, followed(run, self.hands, asked.pair_with_ledger))
                yield _line({"kind": "rest", "pieces": [needs.told()]})
            if both_wait(asked):
                waits = waits_piece(followed(run, self.hands, partial(waits_of, asked)))
                yield _line({"kind": "rest", "pieces": [waits.told()]})
            if not known:
                yield _marks(evened(world, state, run, self.hands))
        except Cancelled:
            return
        except DemandflowError as error:
            yield _line({"fault": str(error)})
        except Exception:  # the visitor is told, and the program lives on
            yield _line({"fault": FAULT})


def _next(lines: Iterator[str]) -> Callable[[], str | None]:
    return lambda: next(lines, None)


def _line(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n"


def _marks(evens: Mapping[str, Even]) -> str:
    """The break-evens of inputs, for their sliders."""
    return _line({"kind": "marks", "marks": {key: [even.at, even.said] for key, even in evens.items()}})


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too much."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return None
    return b"".join(parts)


def _refusal(error: DemandflowError) -> Response:
    return PlainTextResponse(f"{error}\n", 400)


async def _nothing_here(request: Request, error: Exception | None) -> Response:
    return PlainTextResponse("There is nothing here. The page itself is at /\n", 404)


async def _fault(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{FAULT}\n", 500)
