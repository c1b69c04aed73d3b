"""``run.py people``: simulated people found by who they are and by what happened to them.

``--who`` is a condition over the facts of ``experiments.life_facts``: comparisons, and, or, not, in, brackets. A short
form needs neither quotes nor ``and``: ``client_group=older_people outcome=funded wait>14``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

from simpleeval import EvalWithCompoundTypes

from experiments.activities import life_of
from experiments.life_facts import FACTS, NAMES, NUMBER, TEXT, TRUTH, Fact, facts_of, known_values
from experiments.run_options import RunOptions, name_of_person
from experiments.single import Single, run_single
from simulation.errors import DemandflowError, nearest, short

MOST_CHARACTERS = 1_000
MOST_PARTS = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_TERM = re.compile(r"""\s*(?:,\s*)?(not\s+)?([A-Za-z_]\w*)(?:\s*(==|!=|<=|>=|=|<|>)\s*("[^"]*"|'[^']*'|[\w.+-]+))?""")
TRUE_OR_FALSE = {"true": True, "false": False, "yes": True, "no": False}
_KEYWORDS = {"and", "or", "in", "is", "if", "else", "lambda"}
HOW = "For example: client_group == older_people and days_to_package > 30. docs/people.md lists the facts."


class Question:
    """A condition over facts, checked once and then asked of many people.

    Args:
        text: the condition. values: the values that texts and lists can have, by fact.

    Raises:
        DemandflowError: it cannot be read, or names something that there is not.
    """

    def __init__(self, text: str, values: Mapping[str, tuple[str, ...]]):
        self.text, self.values = text, values
        if len(text) > MOST_CHARACTERS:
            raise DemandflowError(f"--who is longer than {MOST_CHARACTERS:,} characters. Shorten it.")
        tree = _tree(_plain(text))
        if tree is None or isinstance(tree.body, ast.Tuple):
            tree = _tree(_joined(text))
        if tree is None:
            raise DemandflowError(f"--who: '{short(text)}' cannot be read. {HOW}")
        if sum(1 for _ in ast.walk(tree)) > MOST_PARTS:
            raise DemandflowError("--who has too many parts. Shorten it.")
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                self._words(node)
        self._must_be_true_or_false(tree.body)
        self.condition = tree.body

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Whether it is true of somebody."""
        return bool(EvalWithCompoundTypes(names={**TRUE_OR_FALSE, **facts}).eval(self.text, self.condition))

    def _words(self, node: ast.Compare) -> None:
        """A bare word compared with a text is a text: client_group == older_people."""
        sides = [node.left, *node.comparators]
        for place, sign in enumerate(node.ops):
            left, right = sides[place], sides[place + 1]
            if isinstance(right, ast.List | ast.Tuple):
                right.elts = [self._word(left, part) for part in right.elts]
            elif isinstance(sign, ast.In | ast.NotIn):
                sides[place] = self._word(right, left)
            else:
                sides[place + 1] = self._word(left, right)
                sides[place] = self._word(right, left)
        node.left, node.comparators = sides[0], sides[1:]

    def _word(self, fact: ast.expr, value: ast.expr) -> ast.expr:
        """A value compared with a fact, as a text where that fact is one. It must be a value that the fact can have."""
        name = fact.id if isinstance(fact, ast.Name) else ""
        if FACTS.get(name, ("",))[0] not in (TEXT, NAMES):
            return value
        if name == "first_contact" and not (isinstance(value, ast.Constant) and _DATE.fullmatch(str(value.value))):
            raise DemandflowError(f"--who: '{_shown(value)}' is not a day. Write it as 2014-06-30.")
        if not isinstance(value, ast.Name | ast.Constant):
            return value
        word = value.id if isinstance(value, ast.Name) else value.value
        if name in self.values and isinstance(word, str) and word not in self.values[name]:
            if isinstance(value, ast.Name) and word in FACTS:
                return value
            of = "one of the stages" if name == "stages" else f"a value of {name}"
            raise DemandflowError(f"--who: '{short(word)}' is not {of}. {nearest(word, self.values[name])}")
        return ast.Constant(word) if isinstance(word, str) else value

    def _type(self, node: ast.expr) -> str:
        """The type of a part.

        Raises:
            DemandflowError: nothing that a condition may hold.
        """
        match node:
            case ast.BoolOp():
                for part in node.values:
                    self._must_be_true_or_false(part)
                return TRUTH
            case ast.UnaryOp(op=ast.Not()):
                self._must_be_true_or_false(node.operand)
                return TRUTH
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()) if self._type(node.operand) == NUMBER:
                return NUMBER
            case ast.Compare():
                sides = [node.left, *node.comparators]
                for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
                    self._comparable(left, sign, right)
                return TRUTH
            case ast.Constant(value=bool()):
                return TRUTH
            case ast.Constant(value=int() | float()):
                return NUMBER
            case ast.Constant(value=str()):
                return TEXT
            case ast.Name(id=name) if name in FACTS or name in TRUE_OR_FALSE:
                return FACTS[name][0] if name in FACTS else TRUTH
            case ast.Name(id=name):
                raise DemandflowError(f"--who: there is no fact '{short(name)}'. {_facts_near(name)}")
            case ast.List(elts=parts) | ast.Tuple(elts=parts) if all(self._type(part) == TEXT for part in parts):
                return NAMES
        raise DemandflowError(f"--who: '{_shown(node)}' is not understood. {HOW}")

    def _must_be_true_or_false(self, node: ast.expr) -> None:
        if self._type(node) != TRUTH:
            raise DemandflowError(
                f"--who: '{_shown(node)}' alone is neither true nor false. Compare it, as in days_to_package > 30."
            )

    def _comparable(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> None:
        here, there = self._type(left), self._type(right)
        if isinstance(sign, ast.In | ast.NotIn):
            if (here, there) != (TEXT, NAMES):
                what = f"--who: '{_shown(left)} in {_shown(right)}' is not understood."
                raise DemandflowError(f"{what} Write a stage in stages, or a fact in [one, another].")
        elif isinstance(sign, ast.Is | ast.IsNot) or NAMES in (here, there):
            raise DemandflowError(f"--who: '{_shown(left)}' cannot be compared in this way. {HOW}")
        elif here != there:
            pair = f"'{_shown(left)}' is {_a(here)} and '{_shown(right)}' is {_a(there)}"
            raise DemandflowError(f"--who: {pair}. Compare like with like.")
        elif here == TRUTH and not isinstance(sign, ast.Eq | ast.NotEq):
            raise DemandflowError(f"--who: '{_shown(left)}' is true or false. Use == or !=.")


def _facts_near(name: str) -> str:
    close = nearest(name, FACTS)
    return close if close.startswith("Did") else f"Facts are: {', '.join(FACTS)}."


def _a(kind: str) -> str:
    return "true or false" if kind == TRUTH else f"a {kind}"


def _shown(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return short(str(node.value), 40)
    return short(ast.unparse(node), 40)


def _plain(text: str) -> str:
    """One = is two, and dates are texts, outside quotation marks."""
    parts = _QUOTED.split(text.strip())
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"(?<![=!<>])=(?!=)", "==", parts[index])
        parts[index] = _DATE.sub(lambda day: f"'{day[0]}'", parts[index])
    return " ".join("".join(parts).split())


def _joined(text: str) -> str:
    """The short form with ``and`` between its terms; '' where it is not in the short form."""
    terms, place, text = [], 0, text.strip()
    while place < len(text):
        term = _TERM.match(text, place)
        if term is None or term[2] in _KEYWORDS:
            return ""
        terms.append(_plain(f"{term[1] or ''}{term[2]}{term[3] or ''}{term[4] or ''}"))
        place = term.end()
    return " and ".join(terms)


def _tree(text: str) -> ast.Expression | None:
    if not text:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


COLUMNS = ("id", "client group", "age band", "source", "first contact", "outcome", "packages", "days to package")


def find_people(model: str, who: str | None, limit: int, options: RunOptions) -> Iterator[str]:
    """The table of people for whom ``who`` holds, by first contact, ``limit`` at most.

    Raises:
        ConfigError, DemandflowError: files at fault, or a condition that cannot be read.
    """
    run = run_single(model, options)
    question = None if who is None else Question(who, known_values(run))
    rows, found, people = [], 0, 0
    for person, happened in run.lives():
        people += 1
        facts = facts_of(run, life_of(person, happened))
        if question is not None and not question.holds(facts):
            continue
        found += 1
        if found <= limit:
            rows.append(_cells(person, facts))
    yield from _table(rows)
    yield ""
    yield f"{_counted(found, people, limit, who is not None)} {_when(run, options)}"
    yield "These are simulated people, for checking the model; no real person is behind them."
    yield "Under another model, who moves depends on how luck is carried over, so nothing follows about individuals."
    if rows:
        yield f"One life: run.py person {model} --id {rows[0][0]}, with the same options."


def _counted(found: int, people: int, limit: int, asked: bool) -> str:
    if asked and not found:
        return f"None of {people:,} people is found."
    some = f"{found:,} of {people:,} people found" if asked else f"{people:,} people"
    return f"{some}; the first {limit:,} are shown (--limit)." if found > limit else f"{some}."


def _when(run: Single, options: RunOptions) -> str:
    first, last = run.calendar.start, run.calendar.day_of(run.end - 1)
    return (
        f"{run.model.config.short_title}, {run.demand.config.short_title}, {first:%-d %b %Y} to {last:%-d %b %Y}, "
        f"seed {options.seed}, replication {options.replication}."
    )


def _cells(person: int, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    days = facts["days_to_package"]
    return (
        name_of_person(person),
        str(facts["client_group"]),
        str(facts["age_band"]),
        str(facts["source"]),
        str(facts["first_contact"]) or "–",
        str(facts["outcome"]),
        str(facts["packages"]),
        f"{days:.1f}" if isinstance(days, float) and days == days else "–",
    )


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    for row in [COLUMNS, *rows] if rows else []:
        cells = [
            cell.rjust(width) if i >= 6 else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
