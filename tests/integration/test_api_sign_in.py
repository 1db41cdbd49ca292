"""Signing in: one-time links, sessions, the machine token, and what each of them refuses."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.api_rig import MACHINE_TOKEN, DeskRig, error_of, open_rig

from tradewarden.api.machine_token import make_machine_token, read_machine_token
from tradewarden.core.errors import NotFound


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskRig]:
    with open_rig() as opened:
        yield opened


@pytest.fixture
def rig(desk: DeskRig) -> Iterator[DeskRig]:
    """The desk, with real time where it was before the test moved it."""
    yield desk
    desk.wall.later = timedelta(0)


def test_a_link_opens_a_session_in_a_cookie_that_scripts_and_other_sites_cannot_use(rig: DeskRig) -> None:
    client = rig.client()
    answer = client.post("auth/sign-in", json={"token": rig.link("Ada")})
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ada"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("tradewarden_session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert client.get("auth/session").json()["kind"] == "person"


def test_behind_tls_the_cookie_is_sent_over_nothing_else(rig: DeskRig) -> None:
    answer = rig.client(secure_cookies=True).post("auth/sign-in", json={"token": rig.link()})
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_a_link_works_once(rig: DeskRig) -> None:
    client, token = rig.client(), rig.link()
    assert client.post("auth/sign-in", json={"token": token}).status_code == 200
    client.cookies.clear()
    again = client.post("auth/sign-in", json={"token": token})
    assert again.status_code == 401
    assert "sign-in link" in error_of(again)["message"]


def test_a_link_is_good_for_fifteen_minutes(rig: DeskRig) -> None:
    client, token = rig.client(), rig.link()
    rig.wall.later = timedelta(minutes=15, seconds=1)
    assert client.post("auth/sign-in", json={"token": token}).status_code == 401


def test_a_session_ends_with_its_time(rig: DeskRig) -> None:
    browser = rig.browser()
    rig.wall.later = timedelta(hours=12, seconds=1)
    refused = browser.get("auth/session")
    assert refused.status_code == 401
    assert error_of(refused)["code"] == "UNAUTHORIZED"


def test_signing_out_ends_the_session_even_for_a_copy_of_its_cookie(rig: DeskRig) -> None:
    browser = rig.browser()
    stolen = dict(browser.cookies)
    assert browser.post("auth/logout").json() == {"signed_out": True}
    browser.cookies.update(stolen)
    assert browser.get("ai/status").status_code == 401


@pytest.mark.parametrize("path", ["ai/status", "ai/history", "positions", "strategies", "events", "market/symbols"])
def test_nothing_is_shown_to_somebody_who_is_not_signed_in(rig: DeskRig, path: str) -> None:
    assert error_of(rig.client().get(path))["code"] == "UNAUTHORIZED"


def test_the_machine_token_lets_the_command_line_in(rig: DeskRig) -> None:
    assert rig.machine().get("auth/session").json() == {
        "name": "cli",
        "role": "owner",
        "kind": "machine",
        "expires_at": None,
    }


@pytest.mark.parametrize("header", ["Bearer wrong", f"Basic {MACHINE_TOKEN}", "Bearer", ""])
def test_anything_else_in_the_authorization_header_is_refused(rig: DeskRig, header: str) -> None:
    client = rig.browser()
    client.headers["Authorization"] = header
    assert client.get("ai/status").status_code == 401


def test_without_a_machine_token_no_machine_gets_in(rig: DeskRig) -> None:
    assert rig.machine(machine_token=None).get("ai/status").status_code == 401


def test_the_machine_token_is_new_at_every_start_and_readable_by_its_user_alone(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(NotFound, match="no desk is running"):
        read_machine_token(run)
    first = make_machine_token(run)
    second = make_machine_token(run)
    assert first != second
    assert read_machine_token(run) == second
    assert (run / "api-token").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in run.iterdir()] == ["api-token"]
