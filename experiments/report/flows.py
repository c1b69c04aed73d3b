"""Part 2: how do people flow today, and how might they?"""

from __future__ import annotations

from typing import Any

from experiments.charts import curve
from experiments.report import words
from experiments.report.flows_change import by_source, difference, sources_table
from experiments.report.measured_flow import CURRENT, NEXT, both_forms
from experiments.report.picture import Picture
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import Results, place_of, source
from experiments.report.words import Number, Phrase, phrase


def _headline(results: Results, picture: Picture | None) -> Phrase:
    if picture is not None:
        for rows in picture.ways.values():
            for row in rows:
                if "referred_on" in row["counts_as"].split():
                    share = picture.number(row["stage"], row["branch"], "share_mean")
                    if share is not None:
                        return phrase(
                            "At present about {share} contacts go on beyond first contact.",
                            share=words.in_hundred(share),
                        )
    zero = results.noted("uncertainty", "like_for_like_break_even")
    if zero is not None:
        return phrase("Like for like, the difference vanishes at {share}.", share=words.percent(zero))
    return phrase("How the flows compare is set out below.")


def _apart(results: Results, pictures: list[Picture]) -> list[Phrase]:
    """Contacts by source, and what each leaves out: why the councils are not like for like."""
    said: list[Phrase] = []
    present = {
        p.model: {r["source"]: r for r in results.rows("sources", model=p.model, population="own") if r["contacts"] > 0}
        for p in pictures
    }
    everywhere = {name for rows in present.values() for name in rows}
    for picture in pictures:
        rows = present[picture.model]
        if len(rows) > 1:
            for name, row in rows.items():
                keys = {"model": picture.model, "population": "own", "source": name}
                said.append(
                    phrase(
                        "{contacts}, {title}: {n} of {total}; the model lets {funded} of them go on to a package.",
                        title=str(row["title"]).lower(),
                        n=words.whole(results.need("sources", "contacts", **keys)),
                        funded=words.about(results.need("sources", "funded_package", **keys)),
                        contacts=picture.contacts_title,
                        total=words.whole(picture.contacts),
                    )
                )
        for name in sorted(everywhere - set(rows)):
            title = results.title("source", name).lower()
            said += [
                phrase("{contacts}, {title}: left out of its figures.", title=title, contacts=picture.contacts_title)
            ]
        if any(row["display_only"] for row in results.rows("pathways", model=picture.model)):
            said += [
                phrase(
                    "{contacts}: the counts printed are worked back from percentages, which are the evidence.",
                    contacts=picture.contacts_title,
                )
            ]
    for picture in pictures:
        for row in results.rows("not_modelled", file=f"models/{picture.model}"):
            if any(word in row["what"].lower() for word in ("hospital", "mental health")):
                place = place_of(results.title("model", picture.model))
                said.append(
                    phrase(
                        "{place}, {what}: {why}.",
                        place=place or picture.model,
                        what=str(row["what"][:1].lower() + row["what"][1:]),
                        why=str(row["why"]).rstrip("."),
                    )
                )
    return said


def _curve(results: Results) -> dict[str, Any]:
    """The like-for-like curve, its central value and its break-even."""
    rows = results.rows("like_for_like")
    if not rows:
        return {}
    parameter = str(rows[0]["parameter"])
    why = next((str(r["why"]) for r in results.rows("inputs", key=parameter)), "")
    meaning = why.partition(";")[0]
    name = meaning if 0 < len(meaning) <= 80 else words.humanised(parameter.rpartition(".")[2])
    value = results.number("inputs", "value", key=parameter)
    zero = results.noted("uncertainty", "like_for_like_break_even")
    x, y = [float(r["value"]) for r in rows], [float(r["difference"]) for r in rows]
    marked, said = [], []
    if value is not None and x[0] <= value.value <= x[-1]:
        at = _between(x, y, value.value)
        marked.append((value.value, at, f"taken here: {words.percent(value)}"))
        said.append(phrase("This report takes {value}.", value=words.percent(value)))
    if zero is not None:
        marked.append((zero.value, 0.0, f"no difference at {words.percent(zero)}"))
        said.insert(0, phrase("At {zero} the difference vanishes; beyond it the sign turns.", zero=words.percent(zero)))
    figure = curve(x, y, x_title=name, y_title="Change in packages a year, the whole gap closed", marked=marked)
    alt = (
        f"The like-for-like curve. Change in packages a year against the {name}: "
        f"from {y[0]:,.0f} at {x[0]:.0%} to {y[-1]:,.0f} at {x[-1]:.0%}. " + " ".join(map(str, said))
    )
    return {
        "chart": Chart("like_for_like", figure, alt),
        "name": name,
        "why": why,
        "said": said,
        "table": Table(
            f"The difference at the whole gap, by the {name}",
            (words.capital(name), "Today", "Proposed", "Change"),
            (True, True, True, True),
            [
                Row(
                    (
                        words.percent(Number(r["value"], source("like_for_like", "value", value=r["value"]))),
                        *(
                            words.whole(Number(r[c], source("like_for_like", c, value=r["value"])))
                            for c in ("baseline", "model")
                        ),
                        words.signed(Number(r["difference"], source("like_for_like", "difference", value=r["value"]))),
                    )
                )
                for r in rows
            ],
            folded=True,
        ),
    }


def _between(x: list[float], y: list[float], at: float) -> float:
    for i in range(len(x) - 1):
        if x[i] <= at <= x[i + 1]:
            return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i])
    return y[-1]


def _table(results: Results, pictures: list[Picture]) -> Table:
    rows = []
    for picture in pictures:
        drawn = {box.key: i for i, box in enumerate(picture.boxes)}
        order = sorted(picture.flows, key=lambda at: drawn.get("/".join(at), len(drawn)))
        for stage, branch in order:
            way = next(r for r in picture.ways[stage] if r["branch"] == branch)
            mean, low, high, expected, printed, share, printed_share = (
                picture.number(stage, branch, column)
                for column in (
                    "n_mean",
                    "n_low",
                    "n_high",
                    "n_expected",
                    "n_published",
                    "share_mean",
                    "share_published",
                )
            )
            assert mean is not None
            rows.append(
                Row(
                    (
                        words.careful(str(way["branch_title"])),
                        results.short("model", picture.model),
                        words.whole(mean),
                        words.span_whole(low, high) if low is not None and high is not None else "not worked out",
                        words.whole(printed) if printed is not None else "not published",
                        words.percent(share) if share is not None else "none came",
                        words.percent(printed_share) if printed_share is not None else "not published",
                        words.whole(expected) if expected is not None else "",
                    )
                )
            )
    return Table(
        "Each branch in one simulated year, beside what is published",
        (
            "Branch",
            "Council",
            "Simulated",
            "Range of one year",
            "Published",
            "Simulated share",
            "Published share",
            "Expected exactly",
        ),
        (False, False, True, True, True, True, True, True),
        rows,
    )


def build(results: Results) -> Part | None:
    """The second part, where flows were simulated or a like-for-like curve was worked out."""
    models = list(dict.fromkeys(r["model"] for r in results.rows("flows", population="own")))
    pictures = [picture for picture in (Picture(results, model) for model in models) if picture.boxes]
    like = _curve(results)
    if not pictures and not like:
        return None
    baseline = (results.manifest["config"].get("comparison") or {}).get("baseline")
    first = next((p for p in pictures if p.model == baseline), pictures[0] if pictures else None)
    charts: dict[str, Chart] = {}
    for picture in pictures:
        proposed = len(pictures) > 1 and picture is not first
        colours = NEXT if proposed else CURRENT
        title = phrase("{title}", title=results.title("model", picture.model))
        for chart in both_forms(f"flow_{picture.model}", title, picture.boxes, colours, picture.alt):
            charts[f"{picture.model}_{chart.only}"] = chart
    charts |= {f"difference_{chart.only}": chart for chart in difference(results)}
    sources = by_source(results, pictures)
    charts |= {"sources": sources} if sources is not None else {}
    tables = {"flows": _table(results, pictures)} if pictures else {}
    if (by_door := sources_table(results, pictures)) is not None:
        tables["sources"] = by_door
    if like:
        charts["like_for_like"], tables["like_for_like"] = like["chart"], like["table"]
    data = [
        *(["flows", "sources"] if pictures else []),
        *(["comparison"] if "difference_wide" in charts else []),
        *(["like_for_like"] if like else []),
    ]
    return Part(
        "flows",
        "How do people flow today, and how might they?",
        _headline(results, first),
        "flows.html",
        data,
        charts,
        tables,
        {"models": [p.model for p in pictures], "apart": _apart(results, pictures), "like": like},
    )
