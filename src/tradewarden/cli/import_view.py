"""The report of an import in the terminal: per file what changed, was left out or refused; then a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewarden.core.strategy.legacy import FindingKind, Translation

if TYPE_CHECKING:
    from tradewarden.core.strategy.legacy import Finding

_WORDS = {
    FindingKind.TRANSLATED: ("= same", ""),
    FindingKind.CHANGED: ("~ changed", "yellow"),
    FindingKind.LEFT_OUT: ("- left out", "dim"),
    FindingKind.REFUSED: ("✗ refused", "red"),
}
_ORDER = (FindingKind.REFUSED, FindingKind.CHANGED, FindingKind.LEFT_OUT, FindingKind.TRANSLATED)


def report_parts(translation: Translation) -> list[Any]:
    """Return the tables of the report: one for each file, one of the documents, one of the proposed limits."""
    from tradewarden.cli.output import styled, table

    parts: list[Any] = []
    for source in translation.sources:
        own = [finding for finding in translation.findings if finding.source == source.name]
        rows = [_row(finding) for kind in _ORDER for finding in own if finding.kind is kind]
        title = f"{source.name} ({source.kind.value.replace('_', ' ')})"
        parts.append(table(("", "where", "found", "became", "why"), rows, title=title))
    if translation.strategies:
        columns = ("strategy", "from", "symbols", "timeframe", "direction", "starts", "score up to>")
        parts.append(table(columns, [_strategy(each) for each in translation.strategies], title="Strategies"))
    if translation.limits:
        limits = [(limit.field, _value(limit.value), limit.source) for limit in translation.limits]
        parts.append(table(("policy field", "proposed>", "from"), limits, title="Proposed limits"))
    if translation.symbol_map:
        names = list(translation.symbol_map.items())
        parts.append(table(("symbol of the desk", "what the broker calls it"), names, title="Proposed symbol map"))
    counts = ", ".join(f"{translation.count(kind)} {kind.value.replace('_', ' ')}" for kind in FindingKind)
    files = len(translation.sources)
    parts.append(styled(f"{files} file{'s' if files != 1 else ''}: {counts}", "bold"))
    return parts


def _row(finding: Finding) -> tuple[Any, ...]:
    from tradewarden.cli.output import styled

    word, style = _WORDS[finding.kind]
    hint = f" (did you mean {finding.suggestion!r}?)" if finding.suggestion else ""
    return (styled(word, style), finding.place or "/", finding.found or "–", finding.became or "–", finding.why + hint)


def _strategy(each: Any) -> tuple[str, ...]:
    from tradewarden.cli.output import number
    from tradewarden.services.import_legacy import reach_of

    document = each.document
    return (
        each.name,
        each.source,
        " ".join(document["allowed_symbols"]),
        document["timeframe"],
        document["direction"],
        "on" if document["is_active"] else "off",
        number(reach_of(each).normalize()),
    )


def _value(value: Any) -> str:
    from tradewarden.cli.output import number
    from tradewarden.core.market.calendar import Embargo

    return f"{value.before_minutes}/{value.after_minutes}" if isinstance(value, Embargo) else number(value)
