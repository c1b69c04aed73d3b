"""Event logs as XES (IEEE 1849-2016), written event by event, so that a long log takes no more memory than a short one.

Only what the standard asks for: extensions, globals, classifiers, traces of events with typed attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO
from xml.sax.saxutils import quoteattr

Value = str | int | float | bool
Attributes = Mapping[str, Value]

EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)

DATES = ("time:timestamp",)
"""Keys whose values are moments."""

_NEVER_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _attribute(key: str, value: Value) -> str:
    if isinstance(value, bool):
        kind, text = "boolean", str(value).lower()
    elif isinstance(value, int):
        kind, text = "int", str(value)
    elif isinstance(value, float):
        kind, text = "float", repr(value)
    else:
        kind, text = ("date" if key in DATES else "string"), _NEVER_IN_XML.sub(" ", value)
    return f"<{kind} key={quoteattr(key)} value={quoteattr(text)}/>"


def _attributes(given: Attributes) -> str:
    return "".join(_attribute(key, value) for key, value in given.items())


class XesWriter:
    """Writes a log to a text stream: the head when it is made, a trace at a time, the end with ``close``.

    Args:
        out: an open text stream in UTF-8.
        log: attributes of the whole log.
        case: what every trace has, each with a value of its type. event: what every event has.
        classifiers: name, without spaces, to the keys that tell activities apart.
    """

    def __init__(
        self,
        out: TextIO,
        log: Attributes,
        case: Attributes,
        event: Attributes,
        classifiers: Mapping[str, Sequence[str]],
    ):
        self.out = out
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">',
        ]
        lines += [f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>' for name, prefix, uri in EXTENSIONS]
        lines += [f'<global scope="trace">{_attributes(case)}</global>']
        lines += [f'<global scope="event">{_attributes(event)}</global>']
        lines += [
            f'<classifier name={quoteattr(name)} scope="event" keys={quoteattr(" ".join(keys))}/>'
            for name, keys in classifiers.items()
        ]
        lines += [_attributes(log), ""]
        out.write("\n".join(lines))

    def trace(self, case: Attributes, events: Iterable[Attributes]) -> None:
        """One person and what happened to them, in order."""
        parts = [f"<trace>{_attributes(case)}\n"]
        parts += [f"<event>{_attributes(event)}</event>\n" for event in events]
        parts.append("</trace>\n")
        self.out.write("".join(parts))

    def close(self) -> None:
        """End the log; the stream stays open."""
        self.out.write("</log>\n")
