"""What every page promises: keys, palette, filters in the address, both themes, the phone, the content policy."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import RunningDesk
from tests.e2e.pictures import picture

pytestmark = pytest.mark.browser


def test_desk_shows_the_chart_and_its_switches(trader: Page) -> None:
    chart = trader.get_by_role("region", name="Chart")
    chart.get_by_role("radio", name="XAUUSD").click()
    chart.get_by_role("radio", name="H1").click()
    expect(chart.get_by_role("img", name=re.compile("^XAUUSD H1 candles"))).to_be_visible()
    expect(trader).to_have_url(re.compile(r"symbol=XAUUSD.*timeframe=H1"))
    trader.reload()
    expect(chart.get_by_role("radio", name="XAUUSD")).to_be_checked()


def test_a_symbol_is_taken_off_the_watchlist_and_put_back(desk: RunningDesk, trader: Page) -> None:
    chart = trader.get_by_role("region", name="Chart")
    chart.get_by_role("radio", name="GBPUSD").click()
    chart.get_by_role("button", name="watched", exact=True).click()
    expect(trader.get_by_text("GBPUSD is off the watchlist")).to_be_visible()
    put_back = chart.get_by_role("button", name="not watched")
    expect(put_back).to_be_visible()
    assert "GBPUSD" not in desk.cli("watchlist", "show")["symbols"]  # type: ignore[operator]
    put_back.click()
    expect(chart.get_by_role("button", name="watched", exact=True)).to_be_visible()


def test_market_clock_runs_and_says_that_it_is_simulated(trader: Page) -> None:
    clock = trader.get_by_role("banner", name="Desk status").locator("time")
    before = clock.text_content() or ""
    expect(clock).not_to_have_text(before)
    expect(trader.get_by_text(re.compile("SIMULATED"))).to_be_visible()


def test_keys_and_palette_list_the_same_actions(trader: Page) -> None:
    trader.keyboard.press("?")
    sheet = trader.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Halt trading now")
    trader.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    trader.keyboard.press("Control+k")
    expect(trader.get_by_role("option", name=re.compile("Halt trading now"))).to_be_visible()
    trader.get_by_placeholder("What do you want to do?").fill("history")
    trader.keyboard.press("Enter")
    expect(trader.get_by_role("heading", name="Decision history")).to_be_visible()


def test_history_keeps_its_filters_in_the_address(desk: RunningDesk, trader: Page) -> None:
    trader.goto(f"{desk.url}/history")
    trader.get_by_label("Action").select_option(label="Strategy published")
    expect(trader).to_have_url(re.compile("action=strategy_published"))
    rows = trader.locator("tbody tr")
    expect(rows.first).to_contain_text("Strategy published")
    trader.reload()
    expect(trader.get_by_label("Action")).to_have_value("strategy_published")
    expect(rows.first).to_be_visible()
    trader.keyboard.press("Enter")
    expect(trader.get_by_role("heading", name="Place in the chain")).to_be_visible()
    trader.keyboard.press("Escape")
    expect(trader).to_have_url(re.compile(r"/history\?action=strategy_published"))
    trader.get_by_role("button", name="Clear").click()
    expect(trader).to_have_url(re.compile(r"/history$"))
    picture(trader, "history")


def test_missing_entry_says_what_is_missing_and_the_request_id(desk: RunningDesk, visitor: Page) -> None:
    visitor.goto(desk.sign_in_link())
    visitor.get_by_role("heading", name="Waiting for you").wait_for()
    response = visitor.request.get(f"{desk.url}/api/v1/ai/history/999999999")
    assert response.status == 404
    assert response.json()["error"]["request_id"]


def test_strategies_are_listed_with_their_state(desk: RunningDesk, trader: Page) -> None:
    trader.goto(f"{desk.url}/strategies")
    row = trader.get_by_role("row", name=re.compile("Demo pulse"))
    expect(row).to_contain_text("On")
    expect(row).to_contain_text("M1")
    picture(trader, "strategies")


def test_theme_is_chosen_once_and_stays(trader: Page) -> None:
    trader.keyboard.press("Control+k")
    trader.get_by_placeholder("What do you want to do?").fill("light")
    trader.keyboard.press("Enter")
    root = trader.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    trader.reload()
    expect(root).to_have_attribute("data-theme", "light")
    trader.get_by_role("img", name=re.compile("candles")).wait_for()
    picture(trader, "desk-light")


def test_phone_shows_status_ideas_positions_and_halt_only(phone: Page) -> None:
    expect(phone.get_by_role("heading", name="Waiting for you")).to_be_visible()
    expect(phone.get_by_role("heading", name="Open positions")).to_be_visible()
    expect(phone.get_by_role("button", name="Halt", exact=True)).to_be_visible()
    for absent in ("What just happened", "Decision history"):
        expect(phone.get_by_role("heading", name=absent)).to_have_count(0)
    expect(phone.get_by_role("navigation", name="Main")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(phone, "phone")


def test_content_policy_lets_no_foreign_or_inline_script_run(desk: RunningDesk, visitor: Page) -> None:
    response = visitor.goto(f"{desk.url}/sign-in")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", response.text())
    assert not re.search(r'(?:src|href)="(?:https?:)?//', response.text())
