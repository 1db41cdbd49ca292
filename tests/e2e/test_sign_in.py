"""Getting in: a link works once, and every closed door says how to get a new one."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import RunningDesk

pytestmark = pytest.mark.browser

HELP = "tradewarden sign-in-link"


def test_link_opens_the_desk_once(desk: RunningDesk, visitor: Page) -> None:
    link = desk.sign_in_link()
    visitor.goto(link)
    expect(visitor).to_have_url(re.compile(r"^[^?]*/$"))
    expect(visitor.get_by_role("banner", name="Desk status")).to_contain_text("SIMULATED")
    cookies = visitor.context.cookies()
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Strict" for cookie in cookies)
    assert visitor.evaluate("document.cookie") == ""

    visitor.context.clear_cookies()
    visitor.goto(link)
    expect(visitor.get_by_role("heading", name="This link no longer works")).to_be_visible()
    expect(visitor.get_by_text(HELP)).to_be_visible()


def test_desk_is_closed_to_strangers_and_says_how_to_get_in(desk: RunningDesk, visitor: Page) -> None:
    for path in ("/", "/history", "/history/1", "/strategies"):
        visitor.goto(desk.url + path)
        expect(visitor.get_by_role("heading", name="You are signed out")).to_be_visible()
        expect(visitor.get_by_text(HELP)).to_be_visible()


def test_signing_out_closes_the_door(trader: Page) -> None:
    trader.keyboard.press("Control+k")
    trader.get_by_placeholder("What do you want to do?").fill("sign out")
    trader.keyboard.press("Enter")
    expect(trader.get_by_role("heading", name="You are signed out")).to_be_visible()
    trader.reload()
    expect(trader.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_unknown_address_leads_back(desk: RunningDesk, trader: Page) -> None:
    trader.goto(f"{desk.url}/no/such/page")
    trader.get_by_role("link", name="Open the desk").click()
    expect(trader.get_by_role("heading", name="Waiting for you")).to_be_visible()
