"""Watch a running desk over HTTP: its state, and every idea that waits for a person.

    python examples/watch_desk.py DATA_DIR [--once]

A desk leaves its address and a token for programs of the same user in its data directory. Everything the web pages
show is there under /api/v1; docs/reference/openapi.json describes it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import httpx


def connect(data_dir: Path) -> httpx.Client:
    """Return a client of the desk that runs on `data_dir`."""
    address = json.loads((data_dir / "run" / "desk.json").read_text(encoding="utf-8"))["url"]
    token = (data_dir / "run" / "api-token").read_text(encoding="utf-8").strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=30, trust_env=False)


def show(desk: httpx.Client) -> None:
    """Print the desk's state and its waiting ideas."""
    status: dict[str, Any] = desk.get("/ai/status").raise_for_status().json()
    market = "SIMULATED market" if status["market"]["simulated"] else "market"
    trading = "on" if status["ai_trading_enabled"] else "OFF"
    print(f"{status['market']['market_at']} {market}, {status['mode']}, AI trading {trading}")
    for idea in desk.get("/ai/ideas/active").raise_for_status().json()["ideas"]:
        money = idea["money"]
        print(
            f"  {idea['side']} {money['lots']} {idea['symbol']} at {idea['entry']}, stop {idea['stop_loss']}: "
            f"risks {money['risk_amount']} {money['currency']}, score {idea['confidence']['score']}, {idea['status']}"
        )


def main(data_dir: Path, *, once: bool) -> None:
    """Show the desk now, and again whenever its history grows."""
    with connect(data_dir) as desk:
        show(desk)
        if once:
            return
        with desk.stream("GET", "/events", timeout=None) as events:
            for line in events.iter_lines():
                if line.startswith("event: history"):
                    show(desk)


if __name__ == "__main__":
    main(Path(sys.argv[1]), once="--once" in sys.argv[2:])
