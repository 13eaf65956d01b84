"""How one cell and one jurisdiction read on a page: plain text, terminal, notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

_LABELS = {
    "value": "Value",
    "because": "Rule",
    "citation": "Citation",
    "effective": "Effective",
    "ended": "Ended",
    "enacted": "Enacted",
    "evidence": "Evidence",
    "confidence": "Confidence",
    "source_title": "Source",
    "url": "Address",
    "copy": "Copy read",
    "text_date": "Date of the text",
    "verified_on": "Seen on",
    "note": "Note",
}


@dataclass(frozen=True, repr=False)
class Explanation:
    """Everything the dataset holds on one cell.

    Attributes
    ----------
    title, sentence : str
        Which cell, and what it says in words.
    facts : dict of str to str
        Value, rule, citation, dates, evidence, confidence, source and note; empty ones are left out.
    others : pandas.DataFrame
        The other codings of the cell: earlier law, and corrected rows.
    """

    title: str
    sentence: str
    facts: dict[str, str]
    others: pd.DataFrame

    def _pairs(self) -> list[tuple[str, str]]:
        return [(label, self.facts[key]) for key, label in _LABELS.items() if self.facts.get(key)]

    def __repr__(self) -> str:
        width = max(len(label) for label, _ in self._pairs())
        lines = [self.title, self.sentence, ""] + [f"  {label:<{width}}  {text}" for label, text in self._pairs()]
        if len(self.others):
            lines += ["", "Other codings of this cell"]
        for head, text in self._others():
            lines += [f"  {head}", f"    {text}"]
        return "\n".join(lines)

    def _others(self) -> list[tuple[str, str]]:
        """The other codings, each as a heading and a text."""
        pairs = []
        for row in self.others.itertuples(index=False):
            period = f"{row.effective or 'start not known'} to {row.ended or 'now'}"
            state = f"; superseded {row.superseded}" if row.superseded else ""
            pairs.append((f"{row.value} ({period}{state})", " ".join(filter(None, [row.citation + ".", row.note]))))
        return pairs

    def __rich_console__(self, console, options):
        """Draw the cell as a panel in a terminal."""
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in self._pairs():
            grid.add_row(label, Text(text))
        yield Panel(Text(self.sentence), title=Text(self.title), title_align="left")
        yield grid
        if len(self.others):
            yield Text("\nOther codings of this cell", style="bold")
            other = Table.grid(padding=(0, 2))
            other.add_column(ratio=1)
            other.add_column(overflow="fold", ratio=2)
            for head, text in self._others():
                other.add_row(Text(head), Text(text))
            yield other

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th><td style='text-align:left'>{_linked(text)}</td></tr>"
            for label, text in self._pairs()
        )
        others = "<p>Other codings of this cell</p>" + self.others.to_html(index=False) if len(self.others) else ""
        return f"<p><b>{escape(self.title)}</b><br>{escape(self.sentence)}</p><table>{rows}</table>{others}"


@dataclass(frozen=True, repr=False)
class Description:
    """One jurisdiction on one page: a sentence with its citation for every provision that is coded.

    Attributes
    ----------
    title : str
    sections : dict of str to list of (sentence, citation)
        By family, in codebook order.
    gaps : str
        How many cells are unknown or not applicable.
    """

    title: str
    sections: dict[str, list[tuple[str, str]]]
    gaps: str

    def __repr__(self) -> str:
        lines = [self.title]
        for family, sentences in self.sections.items():
            lines += ["", family]
            lines += [f"  - {text}." + (f" [{citation}]" if citation else "") for text, citation in sentences]
        return "\n".join([*lines, "", self.gaps])

    def __rich_console__(self, console, options):
        """Print the page with headings in a terminal."""
        from rich.text import Text

        yield Text(self.title, style="bold underline")
        for family, sentences in self.sections.items():
            yield Text(f"\n{family}", style="bold")
            for text, citation in sentences:
                yield Text.assemble("  • ", f"{text}.", (f"  {citation}" if citation else "", "dim"))
        yield Text(f"\n{self.gaps}", style="italic")

    def _repr_html_(self) -> str:
        parts = [f"<h4>{escape(self.title)}</h4>"]
        for family, sentences in self.sections.items():
            items = "".join(
                f"<li>{escape(text)}. <small>{escape(citation)}</small></li>" for text, citation in sentences
            )
            parts.append(f"<p><b>{escape(family)}</b></p><ul>{items}</ul>")
        return "".join(parts) + f"<p><i>{escape(self.gaps)}</i></p>"


def terminal_table(frame: pd.DataFrame, title: str = ""):
    """Turn a frame of text into a rich table, index left out.

    Returns
    -------
    rich.table.Table
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left")
    for column in frame.columns:
        table.add_column(" ".join(column) if isinstance(column, tuple) else str(column), overflow="fold")
    for row in frame.astype(str).itertuples(index=False):
        table.add_row(*(Text(cell) for cell in row))
    return table


def _linked(text: str) -> str:
    safe = escape(text)
    return f"<a href='{safe}'>{safe}</a>" if text.startswith(("https://", "http://")) else safe
