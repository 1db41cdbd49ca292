"""``tradewarden status``: does the desk run, is it safe, and what does its record say.

The record answers whether or not the desk runs; live figures come from the running desk, and are missing, not zero,
when none runs.
"""

from typing import TYPE_CHECKING, Any

from tradewarden.cli.limits_view import limit_rows
from tradewarden.cli.options import AsJson, DataDir

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tradewarden.ports.storage import Reading

MANY = 500


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show whether the desk runs, its market, account, limits, waiting ideas, and what stands in the way of trading."""
    from tradewarden.cli.output import answer
    from tradewarden.cli.reach import DeskClient, DeskUnreachable, find_desk
    from tradewarden.cli.record import resting_desk, settings_for

    settings = settings_for(data_dir)
    live, trouble, url = None, None, None
    try:
        desk = find_desk(settings.data_dir)
        if desk is not None:
            url = desk.url
            with DeskClient(desk) as client:
                live = client.get("/ai/status")
    except DeskUnreachable as error:
        trouble = str(error)
    with resting_desk(settings.data_dir, as_json=as_json) as resting, resting.record.storage.read() as reading:
        record = record_summary(reading)
    found = {
        "running": url is not None or trouble is not None,
        "url": url,
        "data_dir": str(settings.data_dir),
        "trouble": trouble,
        "live": live,
        "record": record,
    }
    answer(found, lambda: status_parts(found), as_json=as_json)


def record_summary(reading: "Reading") -> dict[str, Any]:
    """Return what the record alone says of the desk; the account as of the last noted statement."""
    from tradewarden.cli.output import jsonable
    from tradewarden.ports.storage import HistoryFilter

    policy, halt, head = reading.policy(), reading.halt(), reading.head()
    newest = reading.history(HistoryFilter(limit=1))
    points = reading.account_points(since=newest[0].draft.occurred_at if newest else None)
    statement = points[-1] if points else next(iter(reading.account_points()[-1:]), None)
    facts = {
        "mode": policy.policy.mode if policy else None,
        "ai_trading_enabled": policy.policy.ai_trading_enabled if policy else None,
        "policy_version": policy.version if policy else None,
        "halt": halt,
        "watchlist": reading.watchlist(),
        "strategies": [record.version.spec.name for record in reading.strategies() if record.version.is_active],
        "open_ideas": len(reading.open_ideas()),
        "unfinished_intents": len(reading.unfinished_intents()),
        "positions": len(reading.positions()),
        "closed_positions": len(reading.closed_positions(limit=MANY)),
        "account": statement,
        "history_entries": head.seq,
        "history_head": head.entry_hash,
        "last_entry_at": newest[0].draft.occurred_at if newest else None,
    }
    found: dict[str, Any] = jsonable(facts)
    return found


def status_parts(found: dict[str, Any]) -> "list[RenderableType]":
    """Return the status for people: the live figures when there are some, the record's otherwise."""
    from tradewarden.cli.output import BAD, DIM, GOOD, styled

    if found["live"] is not None:
        return [styled(f"● The desk runs at {found['url']}", GOOD), _live(found["live"])]
    if found["trouble"]:
        head = styled(f"● {found['trouble']}", BAD)
    else:
        head = styled(f"○ The desk does not run (tradewarden up --data-dir {found['data_dir']})", BAD)
    return [head, styled("What its record says:", DIM), _record(found["record"])]


def _live(live: dict[str, Any]) -> "RenderableType":
    from tradewarden.cli.output import BAD, duration, fraction, money, number, pairs, styled, when

    market, account, day, health = live["market"], live["account"], live["day"], live["health"]
    kind = f"SIMULATED ×{market['speed']:g}, " if market["simulated"] else ""
    rows: list[Any] = [
        ("market", styled(f"{kind}{market['label']}, {when(market['market_at'], seconds=True)} UTC", "yellow")),
        ("mode", f"{live['mode']}, AI trading {'on' if live['ai_trading_enabled'] else 'OFF'}"),
    ]
    if live["halt"] is not None:
        halt = live["halt"]
        rows.append(("halt", styled(f"{halt['code']}: {halt['reason']} (by {halt['actor']})", BAD)))
    if live["resume_blocked_by"]:
        rows.append(("resume", f"blocked: {live['resume_blocked_by']}"))
    if account is not None:
        text = f"balance {money(account['balance'])}, equity {money(account['equity'])} {account['currency']}"
        rows.append(("account", f"{text}, {duration(account['age_seconds'])} old"))
    if day is not None:
        used = f", {fraction(day['loss_used_fraction'])} of the daily loss limit used" if day["loss_limit"] else ""
        rows.append(("today", f"{money(day['profit'], sign=True)}{used}"))
    rows += limit_rows(live["limits"])
    rows += [
        ("ideas", f"{live['waiting_ideas']} waiting, {live['unfinished_orders']} orders on their way"),
        ("positions", number(live["open_positions"])),
        ("record", f"{health['record']['state']}, {live['history_seq']} entries"),
        ("broker", f"{health['broker']['state']}, {'reconciled' if health['reconciled'] else 'NOT reconciled'}"),
    ]
    if health["reconcile_problem"] is not None:
        rows.append(("apart", styled(health["reconcile_problem"], BAD)))
    if live["source"] != "live":
        rows.append(("age", styled(f"the record does not answer; this is {duration(live['age_seconds'])} old", BAD)))
    return pairs(rows)


def _record(record: dict[str, Any]) -> "RenderableType":
    from tradewarden.cli.output import BAD, money, pairs, styled, when

    switch = "not set up yet" if record["mode"] is None else record["mode"]
    if record["ai_trading_enabled"] is not None:
        switch += f", AI trading {'on' if record['ai_trading_enabled'] else 'OFF'}"
    rows: list[Any] = [("mode", switch)]
    halt, account = record["halt"], record["account"]
    if halt is not None:
        rows.append(("halt", styled(f"{halt['code']}: {halt['reason']} (by {halt['actor']})", BAD)))
    if account is not None:
        text = f"balance {money(account['balance'])}, equity {money(account['equity'])}"
        rows.append(("account", f"{text}, as of {when(account['at'])} market time (UTC)"))
    rows += [
        ("strategies", ", ".join(record["strategies"]) or "none active"),
        ("ideas", f"{record['open_ideas']} open, {record['unfinished_intents']} orders on their way"),
        ("positions", f"{record['positions']} open, {record['closed_positions']} closed"),
        ("history", f"{record['history_entries']} entries, the last at {when(record['last_entry_at'])} UTC"),
    ]
    return pairs(rows)
