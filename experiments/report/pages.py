"""What a page of the report is before and after it is put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.report.pieces import Part
from experiments.report.results import Results


@dataclass(frozen=True)
class Draft:
    """What a page says.

    Attributes:
        parts: in a reader's order; their charts are handed out with the others. template: in ``templates``; it extends
        ``base.html``. words: what the template says besides. scripts: files in ``templates`` that the page needs.
        in_document: whether a page beside the main ones goes into the document too.
    """

    parts: Sequence[Part] = ()
    template: str = "page.html"
    words: Mapping[str, Any] = field(default_factory=dict)
    scripts: Sequence[str] = ()
    in_document: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the report.

    Attributes:
        title: what it is about; '' where there is one main page only. extra: whether it stands beside the main pages.
    """

    file: str
    title: str
    draft: Draft
    text: str = ""
    extra: bool = False

    @property
    def parts(self) -> Sequence[Part]:
        """Its parts, in a reader's order."""
        return self.draft.parts


@dataclass(frozen=True)
class Extra:
    """A page beside the main ones.

    Attributes:
        title: what links to it say. make: its draft, from the results and the main pages (whose ``text`` is not there
        yet); None where it has nothing to say of such results.
    """

    file: str
    title: str
    make: Callable[[Results, Sequence[Page]], Draft | None]
