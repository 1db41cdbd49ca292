"""Write docs/reference/indicators.md from what the indicators declare and from what was measured of them.

`python scripts/indicator_reference.py` writes the page. With `--measure FOLDER`, the folder of the real market data,
drift and agreement are measured anew first, which takes a minute, and kept in docs/reference/indicators.measured.json.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tradewarden.core.indicators.kind import (  # noqa: E402  # the source tree is found first
    PERIOD,
    SOURCE,
    IndicatorKind,
    MirrorRule,
    Output,
    Parameter,
    Settings,
)
from tradewarden.core.indicators.registry import KINDS  # noqa: E402
from tradewarden.core.market.timeframe import Timeframe  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "indicators.md"
FRAME = ROOT / "docs" / "reference" / "indicators.frame.md"
MEASURED = ROOT / "docs" / "reference" / "indicators.measured.json"
# Averages have no usual period; their windows are shown for this one, and for London where a session is asked for.
# More quanta than any rounding comes to: the two disagree about a sign or a side.
MOST_ROUNDING = 1e6
SHOWN_VALUES = {PERIOD: 20, "session": "London"}


def page() -> str:
    """Return the whole page: the written frame with the generated tables in it."""
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    parts = {
        "kinds": "\n\n".join(kind_section(kind) for kind in KINDS.values()),
        "windows": windows_table(),
        "drift": drift_table(measured["drift"]),
        "agreement": agreement_table(measured["agreement"]),
    }
    text = FRAME.read_text(encoding="utf-8")
    for name, part in parts.items():
        marker = f"<!-- {name} -->"
        if text.count(marker) != 1:
            raise SystemExit(f"{FRAME} needs the line {marker} exactly once")
        text = text.replace(marker, part)
    return text


def kind_section(kind: IndicatorKind) -> str:
    """Return what one kind declares."""
    lines = [f"### `{kind.name}`: {kind.title}", "", f"{kind.definition[0].upper()}{kind.definition[1:]}.", ""]
    notes = [f"Reads {'`source`' if kind.reads == SOURCE else kind.reads}."]
    notes += [f"In a mirrored strategy `{kind.partner}` takes its place."] if kind.partner else []
    notes += ["Not on D1 bars."] if kind.intraday else []
    lines.append(" ".join(notes))
    if kind.parameters:
        lines += ["", "| parameter | allowed | default | |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{each.name}` | {allowed(each)} | {default(each)} | {each.description} |" for each in kind.parameters
        ]
    lines += ["", "| output | unit | range | mirrored |", "| --- | --- | --- | --- |"]
    lines += [f"| {output_name(kind, each)} | {unit(each)} | {span(each)} | {mirror(each)} |" for each in kind.outputs]
    return "\n".join(lines)


def allowed(parameter: Parameter) -> str:
    """Return the limits of a parameter in words."""
    if parameter.choices:
        return ", ".join(f"`{choice}`" for choice in parameter.choices)
    return f"{'whole, ' if parameter.whole else ''}{parameter.low} to {parameter.high}"


def default(parameter: Parameter) -> str:
    """Return the default of a parameter in words."""
    return "required" if parameter.default is None else f"`{parameter.default}`"


def output_name(kind: IndicatorKind, output: Output) -> str:
    """Return how a condition names the output."""
    return "NAME" if len(kind.outputs) == 1 else f"NAME.`{output.name}`"


def unit(output: Output) -> str:
    """Return the unit in words."""
    return "that of the source" if output.unit is None else output.unit.value


def span(output: Output) -> str:
    """Return the range in words."""
    if output.low is None and output.high is None:
        return "any"
    return f"from {output.low}" if output.high is None else f"{output.low} to {output.high}"


def mirror(output: Output) -> str:
    """Return the mirror rule in words."""
    rule = output.mirror
    words = {
        MirrorRule.PRICE: "with the price",
        MirrorRule.NEUTRAL: "unchanged",
        MirrorRule.REFLECTED: "−x" if rule.total == 0 else f"{rule.total} − x",
    }[rule.rule]
    return f"{words}, as `{rule.partner}`" if rule.partner else words


def shown_settings(kind: IndicatorKind) -> Settings:
    """Return the defaults of a kind, with the values that the page shows where there are none."""
    return Settings(
        {
            each.name: SHOWN_VALUES[each.name] if each.default is None else each.default  # type: ignore[misc]
            for each in kind.parameters
        }
    )


def windows_table() -> str:
    """Return first values and minimum windows, as formulas and for the defaults on M15 bars."""
    lines = ["| kind | first value at bar | minimum window | with defaults, M15 |", "| --- | --- | --- | --- |"]
    for kind in KINDS.values():
        settings = shown_settings(kind)
        window = kind.minimum_window.count(settings, Timeframe.M15)
        first = f"{kind.first_index.text} + 1" if kind.exact else "depends on the bars"
        first = simplified(first)
        lines.append(f"| `{kind.name}` | {first} | {kind.minimum_window.text} | {window} |")
    return "\n".join(lines)


def simplified(text: str) -> str:
    """Return a formula with its last two whole numbers added up."""
    head, _, tail = text.rpartition(" + ")
    words = head.rpartition(" ")
    if not head or not words[2].isdigit():
        return text
    sign = -1 if words[0].endswith("−") else 1
    total = sign * int(words[2]) + int(tail)
    before = words[0].rpartition(" ")[0] if words[0] else ""
    if not before:
        return str(total)
    return before if total == 0 else f"{before} {'+' if total > 0 else '−'} {abs(total)}"


def drift_table(measured: dict[str, dict[str, Any]]) -> str:
    """Return the measured drift of each kind on each series; kinds that never drift share a line."""
    names = list(next(iter(measured.values())))
    lines = [f"| kind | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    still = [kind for kind, row in measured.items() if not any(row.values())]
    lines += [
        f"| `{kind}` | {' | '.join('–' if row[name] is None else shown(row[name]) for name in names)} |"
        for kind, row in measured.items()
        if kind not in still
    ]
    return "\n".join([*lines, "", f"None at all: {', '.join(f'`{kind}`' for kind in still)}."])


def agreement_table(measured: list[dict[str, Any]]) -> str:
    """Return the measured distance of each indicator from each library."""
    lines = ["| kind | library | bars equal | largest difference | |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{row['kind']}` | {row['library']} | {row['equal']} % | {shown(row['largest'])} | {row['note']} |"
        for row in measured
    ]
    return "\n".join(lines)


def shown(value: float) -> str:
    """Return a number of quanta with one digit that counts, rounded up; what is no rounding is said in words."""
    if value > MOST_ROUNDING:
        return "another mark"
    if value == 0:
        return "0"
    digits = -math.floor(math.log10(value))
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(value) / step).to_integral_value('ROUND_CEILING') * step:f}"


def measure(folder: Path) -> dict[str, Any]:
    """Return drift and agreement on the real bars in ``folder``."""
    import numpy as np
    from tests.core.indicators import measuring

    drifts: dict[str, dict[str, float | None]] = {}
    for kind in KINDS:
        found = {series.label: measuring.drift_of_kind(kind, folder, series) for series in measuring.SERIES}
        drifts[kind] = {label: None if value < 0 else value for label, value in found.items()}
    agreement = []
    for library, peers in measuring.LIBRARIES.items():
        for peer in peers:
            apart = np.concatenate([measuring.distances(peer, folder, each) for each in measuring.AGREEMENT_SERIES])
            apart = apart[~np.isnan(apart)]
            row = {"kind": peer.spec.kind, "library": library, "note": peer.note, "largest": float(apart.max())}
            agreement.append({**row, "equal": round(100 * float((apart < 1).mean()), 2)})
    order = list(KINDS)
    agreement.sort(key=lambda row: (order.index(str(row["kind"])), str(row["library"])))
    return {"drift": drifts, "agreement": agreement}


def main() -> None:
    """Write the page, after measuring where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help="measure anew on the real bars in FOLDER")
    folder = parser.parse_args().measure
    if folder is not None:
        MEASURED.write_text(json.dumps(measure(folder), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
