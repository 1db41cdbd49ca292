"""What stands between a request and a route: hosts, origins, sizes, headers, one form of error, keys."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from tests.integration.api_rig import DeskRig, error_of, open_rig, site

from tradewarden.api.problems import CODE_OF_ERROR, STATUS_OF_CODE
from tradewarden.api.schemas.errors import ErrorCode
from tradewarden.api.server import bind
from tradewarden.core import errors
from tradewarden.core.errors import Conflict, TradewardenError


@pytest.fixture(scope="module")
def rig() -> Iterator[DeskRig]:
    """A desk on which nothing is done: whatever these tests try is refused."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def fresh() -> Iterator[DeskRig]:
    """A desk of the test's own."""
    with open_rig() as opened:
        yield opened


def port_of(client: httpx.Client) -> int:
    assert client.base_url.port is not None
    return client.base_url.port


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]:80"])
def test_a_name_that_was_rebound_to_this_machine_is_refused(rig: DeskRig, host: str) -> None:
    client = rig.client()
    refused = client.get(site(client, "/healthz"), headers={"Host": host})
    assert refused.status_code == 403
    assert error_of(refused)["code"] == "FORBIDDEN"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_served(rig: DeskRig, name: str) -> None:
    client = rig.client()
    assert client.get(site(client, "/healthz"), headers={"Host": f"{name}:{port_of(client)}"}).status_code == 200
    assert client.get(site(client, "/healthz"), headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_an_act_from_another_site_is_refused_although_the_cookie_came_along(rig: DeskRig, origin: str) -> None:
    browser = rig.browser()
    refused = browser.post("ai/halt", json={"reason": "not mine"}, headers={"Origin": origin})
    assert refused.status_code == 403
    assert rig.take(browser, "ai/status")["halt"] is None


def test_an_act_with_a_cookie_needs_an_origin(rig: DeskRig) -> None:
    browser = rig.browser()
    del browser.headers["Origin"]
    assert browser.post("ai/halt", json={}).status_code == 403
    assert browser.get("ai/status").status_code == 200


def test_a_body_above_the_limit_is_refused_declared_or_streamed(rig: DeskRig) -> None:
    machine = rig.machine(max_body_bytes=1000)
    declared = machine.post("strategies", content=b" " * 1001)
    assert declared.status_code == 413
    assert error_of(declared)["code"] == "TOO_LARGE"
    streamed = machine.post("strategies", content=(b" " * 400 for _ in range(3)))
    assert streamed.status_code == 413


def test_every_answer_carries_the_headers_that_protect_the_pages(rig: DeskRig) -> None:
    client = rig.client()
    for answer in (client.get(path) for path in ("ai/status", site(client, "/"), site(client, "/healthz"))):
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(answer.headers["X-Request-ID"]) == 16
    assert client.get("ai/status").headers["Cache-Control"] == "no-store"


def test_a_request_id_is_never_taken_from_the_client(rig: DeskRig) -> None:
    answer = rig.client().get("ai/status", headers={"X-Request-ID": "forged"})
    assert error_of(answer)["request_id"] != "forged"


def test_invalid_fields_are_named_with_what_was_found(rig: DeskRig) -> None:
    answer = rig.machine().post("ai/mode", json={"mode": "reckless", "why": "because"})
    assert answer.status_code == 422
    error = error_of(answer)
    assert error["code"] == "INVALID_INPUT"
    assert {detail["pointer"] for detail in error["details"]} == {"/body/mode", "/body/why"}
    assert "'reckless'" in {detail["found"] for detail in error["details"]}


def test_numbers_that_are_not_exact_are_refused(rig: DeskRig) -> None:
    answer = rig.machine().put("settings/risk", json={"risk_fraction": 0.01})
    assert answer.status_code == 422
    assert "string" in error_of(answer)["message"]


@pytest.mark.parametrize("path", ["nothing", "ai/nothing", "../v2/status"])
def test_an_unknown_route_answers_in_the_one_form(rig: DeskRig, path: str) -> None:
    answer = rig.machine().get(path)
    assert answer.status_code == 404
    assert error_of(answer)["code"] == "NOT_FOUND"


def test_a_wrong_method_answers_in_the_one_form(rig: DeskRig) -> None:
    answer = rig.machine().delete("ai/status")
    assert answer.status_code in (404, 405)
    error_of(answer)


def test_every_error_of_the_tree_has_a_code_and_every_code_a_status() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TradewardenError)]
    leaves = [kind for kind in kinds if kind is not TradewardenError]
    unmapped = [kind.__name__ for kind in leaves if not any(issubclass(kind, known) for known, _ in CODE_OF_ERROR)]
    assert not unmapped
    assert set(STATUS_OF_CODE) == set(ErrorCode)


def test_an_act_sent_twice_under_one_key_happens_once(fresh: DeskRig) -> None:
    machine = fresh.machine()
    key = {"Idempotency-Key": "halt-1"}
    first = machine.post("ai/halt", json={"reason": "once"}, headers=key)
    second = machine.post("ai/halt", json={"reason": "once"}, headers=key)
    assert first.json() == second.json()
    halts = fresh.take(machine, "ai/history", action="ai_halted")["entries"]
    assert len(halts) == 1


def test_a_key_cannot_be_used_for_another_act(fresh: DeskRig) -> None:
    machine = fresh.machine()
    key = {"Idempotency-Key": "halt-2"}
    machine.post("ai/halt", json={"reason": "one"}, headers=key)
    other = machine.post("ai/halt", json={"reason": "two"}, headers=key)
    assert other.status_code == 409
    assert "halt-2" in error_of(other)["message"]


def test_figures_name_routes_by_their_pattern_and_hold_no_money(rig: DeskRig) -> None:
    machine = rig.machine()
    machine.get("ai/history/12345")
    text = machine.get(site(machine, "/metrics")).text
    assert 'route="/ai/history/{seq}"' in text
    assert "12345" not in text
    assert "equity" not in text
    assert "tradewarden_record_up 1.0" in text


def test_answers_wait_for_no_acknowledgement() -> None:
    """Without the protocol's name asyncio leaves Nagle's delay on: every answer took 40 ms longer."""
    with bind("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_named() -> None:
    with bind("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Conflict, match=f"port {port} on 127.0.0.1 is taken"):
            bind("127.0.0.1", port)
