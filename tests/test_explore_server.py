"""The page's program over the wire: what it refuses, that it lives on, and that nothing leads to the file system."""

from __future__ import annotations

import json
import random
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from explorers import TAB, Served, lines_of, served

from benchmarks import explore
from experiments.cli import main
from experiments.explore.asked import EXPLORED
from experiments.explore.guard import MOST_BODY, sha256
from experiments.explore.serve import hosts_of, is_loopback

ROOT = Path(__file__).resolve().parent.parent
RATE = "in.models/barnet_2014_15.hospital_funded_rate"


@pytest.fixture(scope="module")
def public(explored_config):
    with served(explored_config, public=True) as one:
        yield one


def lives_on(one: Served) -> bool:
    status, told = one.live({"transfer": 0.5}, tab="still-here")
    return status == 200 and any(message.get("kind") == "look" for message in told)


def test_a_state_is_told_look_by_look(explored_page):
    status, told = explored_page.live({"transfer": 0.5, RATE: 0.25})
    assert status == 200
    looks = [message for message in told if message["kind"] == "look"]
    assert [message["pairs"] for message in looks] == [8, 16, 30]
    assert [message["kind"] for message in told] == ["look", "look", "rest", "look", "rest", "points", "marks"]
    charts = {chart["name"] for message in told[3:5] for piece in message["pieces"] for chart in piece["charts"]}
    assert charts >= {"care", "groups", "flow_today"}
    assert set(told[-2]["points"]) == charts
    assert told[-2]["points"]["care"].startswith("series,at,x,y,text\n")
    assert told[-1]["marks"][RATE.removeprefix("in.")][1].startswith("no difference at")


def test_break_evens_as_published_are_told_with_the_first_picture(explored_page):
    told = explored_page.live({"transfer": 0.5})[1]
    assert [message["kind"] for message in told][:2] == ["look", "marks"]


def test_the_page_needs_nothing_from_elsewhere_and_runs_its_own_scripts_only(explored_page):
    status, headers, body = explored_page.request("GET", "/")
    text, policy = body.decode(), headers["content-security-policy"]
    assert status == 200
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(inline) == 1
    assert f"'{sha256(inline[0])}'" in policy
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src ('sha256-[^']+' ?)+;", policy)
    source, integrity = re.search(r'<script src="([^"]+)" integrity="([^"]+)">', text).groups()
    assert f"'{integrity}'" in policy
    plotly = explored_page.request("GET", source)[2].decode()
    assert sha256(plotly) == integrity
    assert not re.findall(r'(?:src|href)="(?!/|#|data:)[^"]*"', text)
    assert not re.findall(r"\son[a-z]+=", text)
    assert "<noscript>" in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1:1"])
def test_another_host_is_turned_away(explored_page, host):
    status, _, body = explored_page.request("GET", "/", headers={"Host": host})
    assert status in (400, 421)
    assert b"Traceback" not in body


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "https://127.0.0.1"])
def test_only_the_page_itself_may_have_work_done(explored_page, origin):
    headers = {} if origin is None else {"Origin": origin}
    body = json.dumps({"tab": TAB, "state": {}}).encode()
    assert explored_page.request("POST", "/live", body, headers)[0] == 403


def test_too_much_or_something_else_is_refused_in_a_sentence(explored_page):
    origin = {"Origin": explored_page.url}
    for body in (b"", b"[]", b"{", b"\xff\xfe", b'{"tab": 1, "state": {}}', b'{"tab": "short", "state": {}}',
                 b'{"tab": "abcdefgh", "state": []}', b"[" * 5_000, b"x" * (MOST_BODY + 1)):  # fmt: skip
        status, _, text = explored_page.request("POST", "/live", body, origin)
        assert status == 400
        assert json.loads(text)["fault"].endswith(".")
    assert explored_page.request("GET", "/?x=" + "y" * 20_000)[0] == 414
    assert explored_page.request("PUT", "/")[0] == 405
    assert lives_on(explored_page)


@pytest.mark.parametrize(
    "query, told",
    [
        ("transfer=2", "Give a value from 0 to 1"),
        (f"{RATE}=0.9", "outside its range"),
        ("model=../../etc/passwd", "There is no model"),
        ("model=barnet_2014_15", "not compared with itself"),
    ],
)
def test_a_state_by_hand_that_cannot_be_is_told_in_a_sentence(explored_page, query, told):
    for path in ("/?", "/save?"):
        status, headers, body = explored_page.request("GET", path + query)
        assert status == 400
        assert headers["content-type"].startswith("text/plain")
        assert told in body.decode()
        assert "Traceback" not in body.decode()


@pytest.mark.parametrize("path", [
    "/../pyproject.toml", "/..%2f..%2fetc%2fpasswd", "/results/../../etc/passwd", "/results/tables/..%2f..%2fx.json",
    "/static/x", "/plotly.js", "//etc/passwd", "/%00", "/save/..", "/live/..",
])  # fmt: skip
def test_no_path_leads_to_the_file_system(explored_page, path):
    status, _, body = explored_page.request("GET", path)
    assert status in (400, 404)
    assert b"root:" not in body and b"[project]" not in body


def test_hostile_requests_get_an_error_and_the_page_lives_on(explored_page):
    luck = random.Random(8)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(hostile, explored_page, luck.randrange(2**31)) for _ in range(150)]
        answered = [job.result() for job in jobs]
    assert not {status for status in answered if status is not None} - {
        200,
        303,
        400,
        403,
        404,
        405,
        413,
        414,
        421,
        431,
    }
    assert lives_on(explored_page)
    assert explored_page.request("GET", "/")[0] == 200


def hostile(page: Served, seed: int) -> int | None:
    """Something malformed: the status it gets, None where the connection is simply closed."""
    luck = random.Random(seed)
    kind = luck.randrange(5)
    if kind == 0:  # bytes that are no request
        text = luck.randbytes(luck.randrange(1, 3_000))
    elif kind == 1:  # headers without end, or strange ones
        lines = b"".join(b"X-%d: %s\r\n" % (i, luck.randbytes(20).hex().encode()) for i in range(luck.randrange(2_000)))
        text = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % page.port + lines + b"\r\n"
    elif kind == 2:  # a length that is not kept
        text = b"POST /live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s\r\nContent-Length: 99999999\r\n\r\n{" % (
            page.port,
            page.url.encode(),
        )
    elif kind == 3:  # a state of anything
        value = luck.choice([None, {}, [], "x" * 5_000, -1e308, float("nan"), True, "../../x", "\x00", "😀"])
        name = luck.choice(["transfer", RATE, "baseline", "model", "in.", "", "__class__", "in.x" * 500])
        body = json.dumps({"tab": f"hostile-{seed}", "state": {name: value}}).encode()
        return page.request("POST", "/live", body, {"Origin": page.url})[0]
    else:
        path = "/" + "".join(
            luck.choice(["..", "/", "%2e", "%00", "a", "?", "in.x=1", "&", ";", "%"]) for _ in range(30)
        )
        text = b"GET " + path.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % page.port
    with socket.create_connection(("127.0.0.1", page.port), timeout=10) as line:
        line.settimeout(3)
        try:
            line.sendall(text)
            line.shutdown(socket.SHUT_WR)
            first = line.recv(4_096)
        except OSError:
            return None
    found = re.match(rb"HTTP/1\.1 (\d+)", first)
    assert b"Traceback" not in first
    return int(found[1]) if found else None


def test_somebody_who_goes_away_leaves_nothing_running(explored_page):
    body = json.dumps({"tab": "gone-away", "state": {"transfer": 0.123}}).encode()
    line = socket.create_connection(("127.0.0.1", explored_page.port))
    head = f"POST /live HTTP/1.1\r\nHost: 127.0.0.1:{explored_page.port}\r\nOrigin: {explored_page.url}\r\n"
    line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    line.close()
    assert lives_on(explored_page)


@pytest.mark.slow
def test_a_saved_state_gives_the_same_number_from_the_command_line(explored_page, explored_config, tmp_path):
    state = {"transfer": 0.37, RATE: 0.25}
    shown = [message for message in explored_page.live(state)[1] if message["kind"] == "look"][-1]
    status, headers, text = explored_page.request("GET", f"/save?transfer=0.37&{RATE}=0.25")
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    path = explored_config.parent / "explored.yaml"
    path.write_bytes(text)
    assert main(["experiment", str(path), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 0
    import pandas as pd

    table = pd.read_csv(tmp_path / "out" / "tables" / "comparison.csv")
    row = table[(table["measure"] == "funded_package") & (table["transfer"] == EXPLORED)].iloc[0]
    assert (shown["value"], shown["low"], shown["high"]) == (row["difference"], row["low"], row["high"])
    with served(None, results=tmp_path / "out") as finished:
        looks_at_finished_results(finished)


def looks_at_finished_results(one: Served) -> None:
    """Without an experiment the results are shown, and nothing can be run."""
    status, headers, _ = one.request("GET", "/")
    assert (status, headers["location"]) == (303, "/results/report.html")
    status, headers, body = one.request("GET", "/results/report.html")
    assert status == 200
    for script in re.findall(r"<script>(.*?)</script>", body.decode(), re.DOTALL):
        assert sha256(script) in headers["content-security-policy"]
    assert one.request("GET", "/results/tables/comparison.csv")[0] == 200
    assert one.request("GET", "/results/tables/..%2f..%2fmanifest.json")[0] == 404
    assert one.request("POST", "/live", b"{}", {"Origin": one.url})[0] in (404, 405)


def test_in_public_nothing_is_handed_out_but_the_page(public):
    status, _, body = public.request("GET", "/")
    assert status == 200
    assert b'class="public"' in body
    assert b'type="range"' not in body
    assert public.request("GET", "/save")[0] == 404
    status, told = public.live({"transfer": 0.41})
    assert status == 400
    assert "none of the choices" in told[0]["fault"]
    assert public.live({"transfer": "half"})[0] == 200


def test_in_public_a_visitor_who_asks_without_end_is_asked_to_wait(public):
    with ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(lambda _: public.live({"transfer": "none"}, tab="greedy-one"), range(20))]
    assert any(status == 400 and "Wait a few seconds" in told[0]["fault"] for status, told in answers)
    assert public.live({"transfer": "none"}, tab="patient-one")[0] == 200


def test_visitors_at_the_same_time_are_answered_apart(explored_page):
    shares = [round(0.1 + 0.08 * number, 2) for number in range(10)]

    def asked(share: float) -> list[float]:
        status, told = explored_page.live({"transfer": share}, tab=f"visitor-{share * 100:.0f}")
        assert status == 200
        return [message["share"] for message in told if message["kind"] == "look"]

    with ThreadPoolExecutor(10) as pool:
        assert [set(found) for found in pool.map(asked, shares)] == [{share} for share in shares]


def test_a_newer_state_ends_the_older_one_of_the_same_page(explored_page):
    with explored_page.asked({"transfer": 0.815}, tab="same-page") as older:
        status, newer = explored_page.live({"transfer": 0.325}, tab="same-page")
        before = lines_of(older)
    assert status == 200
    assert {message["share"] for message in newer if message["kind"] == "look"} == {0.325}
    assert {message["share"] for message in before if message.get("kind") == "look"} <= {0.815}
    assert len(before) < len(newer)


def test_a_port_in_use_and_a_config_that_does_not_validate_are_told_in_sentences(tmp_path, explored_config, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["explore", str(explored_config), "--port", str(taken.getsockname()[1])]) == 2
    assert "--port" in capsys.readouterr().err
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("kind: experiment\nname: wrong\n", encoding="utf-8")
    assert main(["explore", str(wrong), "--port", "0"]) == 2
    assert "wrong.yaml" in capsys.readouterr().err
    assert main(["explore", str(ROOT / "configs/experiments/barnet_baseline.yaml"), "--port", "0"]) == 2
    assert "comparison:" in capsys.readouterr().err
    assert main(["explore", "--results", str(tmp_path), "--port", "0"]) == 2
    assert "not a results folder" in capsys.readouterr().err


def test_it_listens_on_loopback_unless_told_otherwise():
    text = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "explore", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "--host" in text
    assert is_loopback("127.0.0.1") and is_loopback("localhost") and not is_loopback("0.0.0.0")
    assert "evil.example:80" not in hosts_of("127.0.0.1", 80)


FILLED = 300
"""Questions after which all that a page keeps of earlier answers is full, however slow the machine."""


@pytest.mark.slow
def test_ten_visitors_for_a_while_bring_no_fault_no_mixed_answer_and_no_growth():
    with explore.page() as (_, port, process):
        rounds = []
        while sum(one["asked"] for one in rounds) < FILLED:
            assert len(rounds) < 20, "visitors get no answers"
            rounds.append(explore.visitors(port, process, 10, 15.0))
        found = explore.visitors(port, process, 10, 20.0)
    for one in (*rounds, found):
        assert one["wrong"] == []
        assert one["mixed"] == 0
    assert found["asked"] >= 20
    assert 0 < found["late"] <= explore.MOST_GROWTH * found["early"]
