"""The flows that move money: an idea from waiting to filled, closed and replayed; halt and resume."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotSeen
from tests.e2e.conftest import RunningDesk
from tests.e2e.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# The demonstration strategy finds a few setups in each market hour, which is a minute of real time.
IDEA_MILLISECONDS = 150_000
ATTEMPTS = 40


def test_idea_is_approved_filled_closed_and_replayed(desk: RunningDesk, trader: Page) -> None:
    symbol = _approve_one(trader)

    row = trader.get_by_role("row", name=re.compile(symbol)).filter(has=trader.get_by_role("button", name="Close"))
    expect(row).to_be_visible()
    picture(trader, "desk")
    row.get_by_role("button", name="Close").click()
    expect(trader.get_by_role("dialog")).to_contain_text("Open profit now")
    _hold(trader, trader.get_by_role("button", name=re.compile("^Hold to close")))
    expect(row).to_have_count(0)

    trader.goto(f"{desk.url}/history?action=human_approved")
    trader.get_by_role("row").nth(1).click()
    for stage in ("What the desk saw", "Levels", "Size", "The gate", "Order and fills"):
        expect(trader.get_by_role("heading", name=stage, exact=True)).to_be_visible()
    expect(trader.get_by_text("answered by a person").first).to_be_visible()
    expect(trader.get_by_role("heading", name="The same idea")).to_be_visible()
    trader.get_by_role("button", name="Recompute now").click()
    expect(trader.get_by_role("region", name="Recompute")).to_contain_text("Identical in")
    picture(trader, "approval", full_height=2600)

    trader.get_by_role("region", name="The same idea").get_by_role("button", name=re.compile("Proposed")).click()
    for stage in ("Indicators", "Conditions", "Confidence"):
        expect(trader.get_by_role("heading", name=stage, exact=True)).to_be_visible()
    trader.get_by_role("button", name="Recompute now").click()
    expect(trader.get_by_role("region", name="Recompute")).to_contain_text("Identical in")
    picture(trader, "replay", full_height=2900)


def test_idea_is_rejected_with_one_key(desk: RunningDesk, trader: Page) -> None:
    expect(trader.get_by_role("button", name="Reject", exact=True).first).to_be_visible(timeout=IDEA_MILLISECONDS)
    trader.get_by_role("article").first.get_by_role("button", pressed=True).click()
    with trader.expect_response(re.compile("/reject$")) as answered:
        trader.keyboard.press("r")
    assert answered.value.ok or answered.value.status == 409
    trader.goto(f"{desk.url}/history?action=human_rejected")
    expect(trader.get_by_role("row").nth(1)).to_contain_text("Rejected by a person")


def test_halt_is_one_key_and_resuming_is_deliberate(trader: Page) -> None:
    trader.keyboard.press("h")
    bar = trader.get_by_role("alert").filter(has_text="TRADING IS HALTED")
    expect(bar).to_be_visible()
    picture(trader, "halted")
    expect(trader.get_by_role("button", name="Halt", exact=True)).to_have_count(0)

    bar.get_by_role("button", name="Resume…").click()
    resume = trader.get_by_role("button", name="Resume trading")
    expect(resume).to_be_disabled()
    trader.get_by_label(re.compile("Type RESUME")).fill("RESUME")
    resume.click()
    expect(bar).to_have_count(0)
    expect(trader.get_by_role("button", name="Halt", exact=True)).to_be_enabled()


def _approve_one(page: Page) -> str:
    """Approve the first idea that the gate still lets through and return its symbol.

    The market moves while the test looks: an idea may expire, or its price may run away, at any moment.
    """
    sheet = page.get_by_role("dialog")
    hold = sheet.get_by_role("button", name=re.compile("^Hold to"), disabled=False)
    refused = sheet.get_by_text(re.compile("What stands against it|cannot say what would happen"))
    for _ in range(ATTEMPTS):
        expect(page.get_by_role("button", name="Approve…").first).to_be_visible(timeout=IDEA_MILLISECONDS)
        page.keyboard.press("a")
        if _appears(hold.or_(refused).first) and hold.count():
            picture(page, "approve")
            symbol = (hold.text_content() or "").split()[-1]
            _hold(page, hold)
            row = page.get_by_role("row", name=re.compile(symbol)).filter(has=page.get_by_role("button", name="Close"))
            if _appears(row):
                return symbol
        if sheet.count():
            page.keyboard.press("Escape")
            expect(sheet).to_have_count(0)
        # What the market ran away from is rejected, so that the next one waits for a fresh setup.
        stale = page.get_by_role("button", name="Reject", exact=True).first
        if stale.count():
            stale.click()
            page.get_by_role("listitem").filter(has_text="rejected").first.wait_for()
    pytest.fail("no idea could be approved")


def _appears(locator: Locator) -> bool:
    """Return whether it is seen within a few seconds."""
    try:
        locator.wait_for(timeout=5_000)
    except NotSeen:
        return False
    return True


def _hold(page: Page, button: Locator) -> None:
    """Press and hold until the act is sent: its sheet then closes, or says why not."""
    button.hover()
    page.mouse.down()
    sent = page.get_by_role("button", name=re.compile("^(Sending|Closing)"))
    ended = page.get_by_role("dialog").get_by_role("alert")
    expect(page.get_by_role("dialog").filter(has_not=ended)).to_have_count(0, timeout=20_000)
    expect(sent).to_have_count(0)
    page.mouse.up()
