"""The loss limits on the desk's page: amounts in words, the nearest limit named, the next day's start."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import RunningDesk
from tests.e2e.pictures import picture

pytestmark = pytest.mark.browser


def test_the_desk_shows_how_far_every_limit_is(desk: RunningDesk, trader: Page) -> None:
    panel = trader.get_by_role("region", name="Loss limits")
    for name in ("Daily loss", "Drawdown"):
        meter = panel.get_by_role("meter", name=f"{name} used")
        expect(meter).to_have_attribute("aria-valuetext", re.compile(r"lost, .* left"))
    expect(panel.get_by_text("nearest")).to_have_count(1)
    expect(panel.get_by_text(re.compile("reached at equity"))).to_have_count(2)
    expect(panel.get_by_text(re.compile("^new day in"))).to_be_visible()
    live = desk.cli("status")["live"]
    assert isinstance(live, dict)
    assert live["limits"]["daily_loss"]["limit"] == "2000.00"
    picture(trader, "limits")
