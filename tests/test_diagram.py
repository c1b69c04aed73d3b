"""Any valid model can be drawn: as Mermaid text and as a picture, with shares from the model itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from experiments.cli import main
from experiments.diagram import OURS, draw
from simulation.errors import ConfigError, DemandflowError
from simulation.reading import SHIPPED, read

SHIPPED_MODELS = sorted(path.stem for path in (SHIPPED / "models").glob("*.yaml"))


def model(folder: Path, stages: dict[str, object], name: str = "tiny") -> Path:
    """A model without contacts, so that only its graph counts."""
    path = folder / "configs" / "models" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    desk = {"title": "Desk", "practitioners": "unlimited", "why": "not published"}
    record = {"kind": "model", "name": name, "title": 'A "tiny" model', "short_title": "Tiny", "reproduces": "nothing"}
    record |= {"teams": {"desk": desk}, "stages": stages}
    path.write_text(yaml.safe_dump(record, sort_keys=False), encoding="utf-8")
    return path


def looping() -> dict[str, object]:
    """People may be seen again."""
    minutes = {"distribution": "exponential", "unit": "minutes", "mean": 20}
    return {
        "contact": {"kind": "arrival", "title": "Contact", "source": "community", "to": "seen"},
        "seen": {"kind": "service", "title": "Seen", "team": "desk", "duration": minutes, "to": "again"},
        "again": {"kind": "decision", "title": "Again?", "branches": [
            {"name": "done", "to": "left", "probability": "rest"},
            {"name": "once_more", "to": "seen", "probability": 0.3},
        ]},
        "left": {"kind": "outcome", "title": "Left", "need": "not_published"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "barnet_target" else pytest.mark.slow) for name in SHIPPED_MODELS]
)
def test_every_stage_and_way_of_a_shipped_model_is_drawn(name: str, tmp_path: Path) -> None:
    out = tmp_path / "picture.html"
    lines = draw(Path(name), out)
    stages = read(SHIPPED / "models" / f"{name}.yaml").data["stages"]
    text = "\n".join(lines)
    assert lines[1] == "flowchart TD"
    ways = 0
    for key, stage in stages.items():
        assert f"    {key}_" in text
        pairs = [(key, branch["to"]) for branch in stage.get("branches", [])]
        pairs += [(key, stage[step]) for step in ("to", "activity", "gave_up_to") if step in stage]
        pairs += [(key, stage["longest_wait"]["to"])] if "longest_wait" in stage else []
        parents = stage.get("parent", stage.get("during", []))
        pairs += [(parent, key) for parent in ([parents] if isinstance(parents, str) else parents)]
        ways += len(pairs)
        for start, end in pairs:
            assert re.search(rf"^    {start}_ -->(\|\".*\"\|)? {end}_$", text, flags=re.MULTILINE), (start, end)
    assert text.count("-->") == ways
    assert lines[-1].startswith("%% The picture is in ")
    page = out.read_text(encoding="utf-8")
    assert OURS in page[:2000]
    assert page.count("* plotly.js v") == 1
    assert re.search(r'role="img" id="chart-diagram" aria-label="[^"]{40,}"', page)


def test_shares_are_those_of_the_model() -> None:
    text = "\n".join(draw(Path("barnet_2014_15"), Path("barnet_2014_15.html")))
    assert 'first_contact_ -->|"Referred to social worker, 34%"|' in text
    assert 'funding_ -->|"Council-funded care and support, 78%"|' in text


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures fall into the working folder: work in one of our own."""
    monkeypatch.chdir(tmp_path)


def test_shares_that_differ_by_source_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "configs" / "models"
    folder.mkdir(parents=True)
    (folder / "other.yaml").write_text(
        "kind: model\nname: other\nextends: barnet_2014_15\ntitle: Other\n"
        "parameters:\n  hospital_funded_rate: {value: 0.1, status: assumption, why: a test}\n", encoding="utf-8"
    )  # fmt: skip
    text = "\n".join(draw(folder / "other.yaml", None))
    assert re.search(r"Referred to social worker, community \d\d%, hospital 17%", text)


def test_the_picture_goes_into_the_working_folder_under_the_models_name(tmp_path: Path) -> None:
    draw(Path("shropshire_p2p"), None)
    assert (tmp_path / "shropshire_p2p.html").is_file()


def test_loops_are_drawn_as_ways_back(tmp_path: Path) -> None:
    lines = draw(model(tmp_path, looping()), None)
    assert '    again_ -->|"once more"| seen_' in lines
    page = (tmp_path / "tiny.html").read_text(encoding="utf-8")
    figure = json.loads(re.search(r'data-chart="chart-diagram">(.*?)</script>', page, flags=re.DOTALL)[1])  # type: ignore[index]
    dashes = [shape["line"].get("dash") for shape in figure["layout"]["shapes"] if shape["type"] == "path"]
    assert dashes.count("dash") == 1
    assert len(dashes) == 4


def test_titles_cannot_break_the_text_or_the_page(tmp_path: Path) -> None:
    stages = looping()
    stages["left"] = {"kind": "outcome", "title": 'Left </script> "quoted" #1', "need": "not_published"}
    text = "\n".join(draw(model(tmp_path, stages), None))
    assert 'left_("Left </script> #quot;quoted#quot; #35;1")' in text
    page = (tmp_path / "tiny.html").read_text(encoding="utf-8")
    assert page.count("</script>") == page.count("<script"), "a title ended a script"


@pytest.mark.slow
def test_a_model_of_many_stages_is_drawn(tmp_path: Path) -> None:
    stages: dict[str, object] = {"contact": {"kind": "arrival", "source": "community", "to": "d0"}}
    for i in range(120):
        branches = [
            {"name": "on", "to": f"d{i + 1}" if i < 119 else "left", "probability": 0.5},
            {"name": "off", "to": "left", "probability": "rest"},
        ]
        stages[f"d{i}"] = {"kind": "decision", "branches": branches}
    stages["left"] = {"kind": "outcome", "need": "not_published"}
    lines = draw(model(tmp_path, stages), None)
    assert sum("-->" in line for line in lines) == 241


def test_every_fault_of_a_model_is_told_at_once(tmp_path: Path) -> None:
    stages = looping()
    stages["lost"] = {"kind": "outcome", "title": "Lost", "need": "not_published"}
    stages["seen"] = {**stages["seen"], "to": "nowhere"}  # type: ignore[dict-item]
    with pytest.raises(ConfigError) as caught:
        draw(model(tmp_path, stages), None)
    text = str(caught.value)
    assert "there is no stage 'nowhere'" in text
    assert "lost" in text
    assert not list(tmp_path.glob("*.html"))


def test_a_file_that_is_no_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a model"):
        draw(SHIPPED / "demand" / "barnet_2014_15.yaml", None)


def test_an_unknown_name_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(DemandflowError, match="barnet_2014_15"):
        draw(Path("barnett"), None)


def test_another_file_is_not_overwritten_and_our_own_is(tmp_path: Path) -> None:
    out = tmp_path / "mine.html"
    out.write_text("my notes", encoding="utf-8")
    with pytest.raises(DemandflowError, match="is not a diagram"):
        draw(Path("barnet_2014_15"), out)
    assert out.read_text(encoding="utf-8") == "my notes"
    out.unlink()
    draw(Path("barnet_2014_15"), out)
    draw(Path("shropshire_p2p"), out)
    assert "Shropshire" in out.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]


def test_the_command_prints_the_text_and_a_fault_gives_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagram", "barnet_2014_15"]) == 0
    assert "flowchart TD" in capsys.readouterr().out
    assert main(["diagram", "nothing_of_the_sort"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "nothing_of_the_sort" in said.err
    assert main(["diagram", "barnet_2014_15", "--out", "no/such/folder/x.html"]) == 2
    assert "no such file or folder" in capsys.readouterr().err
