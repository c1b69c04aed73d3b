"""Pages as text: the template with style and scripts inside, so that a page needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from experiments import theme
from experiments.report import words
from experiments.report.results import table_path

HERE = Path(__file__).resolve().parent / "templates"
DRAWN = "data-chart="
"""What a page with charts holds: one without them goes without what draws them, which is large."""


def _careful(value: Any) -> Any:
    return words.careful(value) if type(value) is str else value


@cache
def environment(*more: Path) -> Environment:
    """Reads templates from here, and before that from ``more`` folders."""
    made = Environment(
        loader=FileSystemLoader([*more, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_careful,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(capital=words.capital, whole=words.whole, percent=words.percent)
    made.globals.update(ink=theme.text_on, table_path=table_path)
    return made


def render(template: str, *, also: Sequence[tuple[str, str]] = (), scripts: Sequence[str] = (), **more: Any) -> str:
    """A page of its own: the template with style and scripts inside, so that it needs no network.

    Args:
        also: other pages of the same results, each as its file and what it is. scripts: files in ``templates`` that the
        page needs besides what draws charts, which it has where it holds any.
    """
    known = {f"{name}-GOES-HERE": _script(name) for name in ("page.js", *scripts)}
    style = (HERE / "style.css").read_text(encoding="utf-8").replace("%FONT%", theme.FONT)
    text = (
        environment()
        .get_template(template)
        .render(style=Markup(style), scripts=["PLOTLY-GOES-HERE", *known], also=also, **more)
    )
    # Every attribute stands in double quotes, so an apostrophe may stay one; scripts are left as they are.
    text = text.replace("&#39;", "'")
    if DRAWN in text:
        known["PLOTLY-GOES-HERE"] = get_plotlyjs()
    else:
        text = text.replace("<script>PLOTLY-GOES-HERE</script>\n", "")
    for mark, script in known.items():
        text = text.replace(mark, script)
    return text


def _script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
