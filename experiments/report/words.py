"""Numbers and sentences as people say them.

A ``Said`` number keeps its full value and the place it was read from, so that the page can show both and a test can
check one against the other.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from experiments.saying import MINUS as MINUS


@dataclass(frozen=True)
class Number:
    """A value and where it was read: ``comparison.csv: difference; measure=funded_package; transfer=half``."""

    value: float
    source: str

    @property
    def known(self) -> bool:
        """False where the table holds nothing."""
        return not math.isnan(self.value)


@dataclass(frozen=True)
class Said:
    """A number in words."""

    text: str
    number: Number

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        value, source = f"{self.number.value:.10g}", self.number.source
        return Markup('<data value="{}" data-from="{}">{}</data>').format(value, source, self.text)


@dataclass(frozen=True)
class Link:
    """Words that lead to a file beside the page."""

    text: str
    file: str

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return Markup('<a href="{}">{}</a>').format(self.file, self.text)


@dataclass(frozen=True)
class Phrase:
    """A sentence with numbers and names in it: plain text with ``str``, and HTML for a template."""

    template: str
    parts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**{key: str(part) for key, part in self.parts.items()})

    def __html__(self) -> str:
        words = re.split(r"(\{\w+\})", self.template)
        done = [escape(self.parts[word[1:-1]]) if re.fullmatch(r"\{\w+\}", word) else escape(word) for word in words]
        return Markup("").join(done)

    @property
    def words(self) -> int:
        """How many words a reader reads."""
        return len(str(self).split())


def phrase(template: str, **parts: Any) -> Phrase:
    """A sentence whose ``{names}`` are filled with numbers, phrases or plain words."""
    return Phrase(template, {key: careful(part) if isinstance(part, str) else part for key, part in parts.items()})


def careful(text: str) -> str:
    """A text from a config or a source with 'resolved' in quotation marks: it is the source's word, not a finding."""
    return re.sub(r"(?<![“‘'\"\w])(resolved)(?![”’'\"\w])", r"“\1”", text, flags=re.IGNORECASE)


def humanised(name: str) -> str:
    """A name from a config as words."""
    return careful(name.replace("_", " "))


def capital(text: str) -> str:
    """A text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def _grouped(value: float, step: float) -> str:
    shown = round(value / step) * step
    text = f"{abs(shown):,.0f}" if step >= 1 else f"{abs(shown):,.{-math.floor(math.log10(step))}f}"
    return f"{MINUS}{text}" if shown < 0 else text


def _tidy(value: float) -> float:
    """Two significant figures: 291.6 is said as 290."""
    size = abs(value)
    return 1.0 if size < 20 else 10.0 ** (math.floor(math.log10(size)) - 1)


def about(number: Number) -> Said:
    """A count of people or packages as people say it, without its sign: 'about 290'."""
    size = abs(number.value)
    if size == 0:
        return Said("none", number)
    if size < 0.5:
        return Said("fewer than 1", number)
    return Said(f"about {_grouped(size, _tidy(size))}", number)


def whole(number: Number) -> Said:
    """A count in full, without its sign: '6,633'."""
    return Said(_grouped(abs(number.value), 1), number)


def signed(number: Number, digits: int = 0) -> Said:
    """A number in full with its sign: '−292'."""
    if not number.known:
        return Said("not known", number)
    text = f"{abs(number.value):,.{digits}f}"
    nought = float(text.replace(",", "")) == 0
    return Said(text if nought else f"{MINUS if number.value < 0 else '+'}{text}", number)


def plain(number: Number, digits: int = 0) -> Said:
    """A number in full: '0.1977'."""
    if not number.known:
        return Said("not known", number)
    return Said(f"{number.value:,.{digits}f}".replace("-", MINUS), number)


def significant(number: Number) -> Said:
    """A number of any size, to four significant figures, without a trail of noughts."""
    if not number.known:
        return Said("none", number)
    value = number.value
    if abs(value) >= 1000 or value == round(value):
        return Said(f"{value:,.0f}".replace("-", MINUS), number)
    return Said(f"{value:.4g}".replace("-", MINUS), number)


def percent(number: Number) -> Said:
    """A share as a whole percentage."""
    return Said(f"{number.value * 100:.0f}%", number) if number.known else Said("not published", number)


def in_hundred(number: Number) -> Said:
    """A share as so many in a hundred."""
    return Said(f"{number.value * 100:.0f} in 100", number)


def pounds(number: Number) -> Said:
    """Money as people say it: '£4.3m', '£44,000'."""
    return Said(_pounds(number.value, 100_000 if abs(number.value) >= 950_000 else 1_000), number)


def _pounds(value: float, step: float) -> str:
    shown = round(value / step) * step
    sign, size = MINUS if shown < 0 else "", abs(shown)
    if size >= 1_000_000:
        return f"{sign}£{size / 1e6:.1f}m" if step >= 100_000 else f"{sign}£{size / 1e6:.2f}m"
    return f"{sign}£{size:,.0f}"


@dataclass(frozen=True)
class Range:
    """An interval in words: '170 to 440'."""

    low: Said
    high: Said
    text: str

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        before, to, after = self.text.partition(" to ")
        if not to:
            return self.low.__html__()
        return Markup("{} to {}").format(Said(before, self.low.number), Said(after, self.high.number))


def span(low: Number, high: Number) -> Range:
    """An interval of a difference that is a fall, said by size: '170 to 440', or '20 more to 100 fewer'."""
    width = _step(low, high, 1.0, math.inf)

    def size(end: Number) -> str:
        return _grouped(abs(end.value), min(width, _tidy(end.value)))

    if low.value == high.value == 0:
        return Range(Said("no change", low), Said("", high), "no change")
    if low.value > 0 or high.value < 0:
        ends = sorted((low, high), key=lambda n: abs(n.value))
        return _range(ends[0], ends[1], size)
    return _range(high, low, lambda n: size(n) + (" more" if n.value > 0 else " fewer"))


def span_whole(low: Number, high: Number) -> Range:
    """An interval in full: '6,443 to 6,824'."""
    return _range(low, high, lambda n: _grouped(n.value, 1))


def span_signed(low: Number, high: Number, digits: int = 0) -> Range:
    """An interval in full with signs: '−295 to −288'."""
    return _range(low, high, lambda n: signed(n, digits).text)


def span_pounds(low: Number, high: Number) -> Range:
    """An interval of money: '£2.4m to £6.7m'."""
    step = _step(low, high, 1_000.0, 100_000.0)
    if max(abs(low.value), abs(high.value)) >= 950_000:
        step = 100_000.0
    return _range(low, high, lambda n: _pounds(n.value, step))


def _step(low: Number, high: Number, least: float, most: float) -> float:
    width = abs(high.value - low.value)
    if width == 0:
        return least
    return float(min(most, max(least, 10.0 ** math.floor(math.log10(width / 3)))))


def _range(low: Number, high: Number, say: Any) -> Range:
    first, last = Said(say(low), low), Said(say(high), high)
    return Range(first, last, f"{first.text} to {last.text}")


def too_wide(value: float, low: float, high: float) -> bool:
    """Whether an interval is wider than half the value: then the figure is shown in grey."""
    return abs(high - low) > 0.5 * abs(value)
