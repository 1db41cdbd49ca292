"""Parts that go away: the desk goes on showing what it knows, with its age, and refuses what it cannot record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.integration.api_rig import DeskRig, error_of, open_rig, site

from tradewarden.adapters.embedded import DatabaseUrls, EmbeddedPostgres
from tradewarden.adapters.embedded.urls import driver_url
from tradewarden.adapters.postgres import PostgresAccess, PostgresStorage
from tradewarden.services.run_cycle import run_cycle


@pytest.fixture
def rig(database_url: DatabaseUrls) -> Iterator[DeskRig]:
    """A desk whose record and sessions are in PostgreSQL."""
    storage, access = PostgresStorage(database_url.app), PostgresAccess(database_url.app)
    with open_rig(storage, access) as opened:
        yield opened
    storage.close()
    access.close()


@contextmanager
def lost_database(postgres: EmbeddedPostgres, urls: DatabaseUrls) -> Iterator[None]:
    """Cut every connection to the database and let none in until the block ends."""
    name = str(conninfo_to_dict(driver_url(urls.app))["dbname"])
    with psycopg.connect(driver_url(postgres.admin_url()), autocommit=True) as connection:
        allow = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}"
        connection.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("false")))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            connection.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("true")))


def test_the_whole_story_over_postgresql(rig: DeskRig) -> None:
    browser = rig.browser()
    idea_id = rig.until_idea()
    answer = rig.approve(browser, idea_id, lots="0.10").json()
    assert answer["outcome"]["state"] == "accepted"
    rig.step()
    replayed = browser.post(f"ai/history/{answer['history_seq']}/replay").json()
    assert replayed["identical"], replayed["differences"]
    story = rig.take(browser, f"ai/history/{answer['history_seq']}/snapshot")
    assert [order["action"] for order in story["orders"]] == ["order_submitted", "order_accepted"]
    report = rig.take(browser, "ai/history/verify")
    assert report["ok"], report["findings"]
    assert rig.take(browser, "positions")["positions"][0]["idea_id"] == idea_id


def test_without_the_record_the_status_is_the_last_known_with_its_age(
    rig: DeskRig, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    browser = rig.browser()
    known = rig.take(browser, "ai/status")
    with lost_database(postgres, database_url):
        rig.wall.later = timedelta(seconds=90)
        status = rig.take(browser, "ai/status")
        assert status["source"] == "last_known"
        assert status["age_seconds"] >= 90
        assert status["history_seq"] == known["history_seq"]
        assert status["health"]["record"]["state"] == "down"
        assert status["health"]["record"]["since"] is not None
        assert status["account"]["equity"] == "100000.00", "the broker still answers"
        assert not status["can_resume"]
    back = rig.take(browser, "ai/status")
    assert (back["source"], back["health"]["record"]["state"]) == ("live", "ok")


def test_without_the_record_nothing_is_done_and_everything_else_says_so(
    rig: DeskRig, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    browser, machine = rig.browser(), rig.machine()
    rig.take(browser, "ai/status")
    with lost_database(postgres, database_url):
        for answer in (
            machine.post("ai/halt", json={"reason": "now"}),
            browser.post("ai/mode", json={"mode": "autonomous"}),
            browser.get("ai/history"),
            browser.get("positions"),
        ):
            assert answer.status_code == 503, answer.text
            assert error_of(answer)["code"] == "STORAGE_UNAVAILABLE"
        assert browser.get(site(browser, "/healthz")).status_code == 200
        ready = browser.get(site(browser, "/readyz"))
        assert (ready.status_code, ready.json()["record"]) == (503, False)
        assert "tradewarden_record_up 0.0" in browser.get(site(browser, "/metrics")).text
    assert machine.post("ai/halt", json={"reason": "now"}).status_code == 200


def test_a_session_that_nobody_vouched_for_does_not_read_while_the_record_is_down(
    rig: DeskRig, postgres: EmbeddedPostgres, database_url: DatabaseUrls
) -> None:
    browser, stranger = rig.browser(), rig.client()
    rig.take(browser, "ai/status")
    with lost_database(postgres, database_url):
        stranger.cookies["tradewarden_session"] = "invented"
        assert stranger.get("ai/status").status_code == 503
        rig.wall.later = timedelta(minutes=16)
        assert browser.get("ai/status").status_code == 503, "vouched for too long ago"


def test_without_the_broker_its_figures_are_unknown_not_zero() -> None:
    with open_rig() as rig:
        machine = rig.machine()
        rig.step()
        rig.terminal.shutdown()
        status = rig.take(machine, "ai/status")
        assert status["account"] is None
        assert status["day"] is None
        assert status["open_positions"] is None
        assert status["health"]["broker"]["state"] == "down"
        for path in ("account", "positions"):
            assert error_of(machine.get(path))["code"] == "BROKER_UNAVAILABLE"
        assert not run_cycle(rig.desk, rig.cycle)
        assert not rig.take(machine, "ai/status")["health"]["reconciled"]
        machine.post("ai/halt", json={"reason": "no broker"})
        status = rig.take(machine, "ai/status")
        assert "no account statement" in status["resume_blocked_by"]
