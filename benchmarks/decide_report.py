"""The decision benchmark's report as tables for people; the numbers come from bench_decide.py."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_KINDS = {"setup": "with a setup: whole gate", "no_setup": "without a setup"}


def print_report(report: dict[str, Any]) -> None:
    """Print the report."""
    console = Console(width=110, highlight=False)
    machine, versions = report["machine"], report["versions"]
    console.print(f"[bold]benchmarks/decide[/bold] on {machine['cpu']}, {machine['cores']} cores, {machine['system']}")
    console.print(
        f"{', '.join(f'{name} {number}' for name, number in versions.items())}; load {machine['load_1m']} at the end"
    )
    console.print(f"bars: {report['bars']}\n")
    console.print(_decisions(report))
    console.print(_stages(report))
    console.print(_cycle(report))
    for peer in report["peers"]:
        console.print(_peer(peer) if peer["measured"] else f"{peer['name']}: not measured, {peer['problem']}")


def _decisions(report: dict[str, Any]) -> Table:
    goal = report["goals"]["decision_p50_us"]
    table = Table(title=f"one decision, microseconds (goal: p50 ≤ {goal:.0f})", title_justify="left")
    for name in ("decision", "p50", "p95", "least", "samples", "processor p50", "results"):
        table.add_column(name, justify="left" if name in ("decision", "results") else "right")
    for kind, words in _KINDS.items():
        found = report["decision"][kind]
        results = ", ".join(f"{count} {name}" for name, count in found["results"].items())
        table.add_row(words, *_figures(found), f"{found['processor_p50_us']:.1f}", results)
        table.add_row("  its digest", *_figures(report["decision"][f"{kind}_digest"]), "", "")
    return table


def _figures(found: dict[str, Any]) -> list[str]:
    return [f"{found[name]:.1f}" for name in ("p50_us", "p95_us", "min_us")] + [f"{found['samples']}"]


def _stages(report: dict[str, Any]) -> Table:
    table = Table(title="where the time goes, median microseconds under stopwatches", title_justify="left")
    names = list(report["stages"]["setup"])
    for name in ("decision", *names):
        table.add_column(name, justify="left" if name == "decision" else "right")
    for kind, words in _KINDS.items():
        found = report["stages"][kind]
        table.add_row(words, *(f"{found[name]:.1f}" if name in found else "–" for name in names))
    return table


def _cycle(report: dict[str, Any]) -> Table:
    cycle, goal = report["cycle"], report["goals"]["cycle_ms"]
    title = f"a cycle of {cycle['symbols']} symbols × {cycle['strategies']} strategies, ms (goal: ≤ {goal:.0f})"
    table = Table(title=title, title_justify="left")
    for name in ("decisions", "median", "least", "most", "processor", "digests besides", "runs", "results"):
        table.add_column(name, justify="left" if name == "results" else "right")
    table.add_row(
        f"{cycle['decisions']}",
        *(f"{cycle[name]:.1f}" for name in ("median_ms", "min_ms", "max_ms", "cpu_median_ms", "digests_median_ms")),
        f"{cycle['runs']}",
        ", ".join(f"{count} {name}" for name, count in cycle["results"].items()),
    )
    return table


def _peer(peer: dict[str, Any]) -> Table:
    versions = ", ".join(f"{name} {number}" for name, number in peer["versions"].items())
    title = f"{versions}: one pair on the same bars; entries agree on {peer['entries_agree']} windows"
    table = Table(title=title, title_justify="left")
    for name in ("analysis", "p50 µs", "p95 µs", "processor p50", "samples", "× whole gate", "× no setup"):
        table.add_column(name, justify="left" if name == "analysis" else "right")
    for name, words in (("analyze", "analyze, as its bot runs it"), ("analyze_ticker", "analyze_ticker alone")):
        found, ratios = peer[name], peer["times_ours"][name]
        figures = [f"{found[each]:.1f}" for each in ("p50_us", "p95_us", "processor_p50_us")]
        table.add_row(words, *figures, f"{found['samples']}", *(f"{ratios[kind]:.1f}" for kind in _KINDS))
    return table
