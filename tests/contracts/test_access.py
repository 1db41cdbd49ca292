"""What every access store promises: links that work once, sessions that end."""

import threading
from datetime import timedelta

import pytest
from tests.builders import NOW

from tradewarden.core.errors import Conflict, NotFound
from tradewarden.ports.access import AccessStore, Role, Session

MINUTE = timedelta(minutes=1)
SESSION_END = NOW + timedelta(hours=12)


def a_link(access: AccessStore, token_hash: str = "link") -> None:
    user = access.ensure_user(user_id="u1", name="Ada", role=Role.OWNER, at=NOW)
    access.create_link(token_hash, user_id=user.user_id, at=NOW, expires_at=NOW + 15 * MINUTE)


def redeem(
    access: AccessStore, token_hash: str = "link", *, session: str = "session", minutes: int = 1
) -> Session | None:
    at = NOW + minutes * MINUTE
    return access.redeem_link(token_hash, session_hash=session, at=at, session_expires_at=SESSION_END)


def test_a_user_is_made_once(access: AccessStore) -> None:
    first = access.ensure_user(user_id="u1", name="Ada", role=Role.OWNER, at=NOW)
    again = access.ensure_user(user_id="u2", name="Ada", role=Role.OWNER, at=NOW + MINUTE)
    assert first == again
    assert (first.user_id, first.role) == ("u1", Role.OWNER)


def test_a_link_opens_one_session(access: AccessStore) -> None:
    a_link(access)
    session = redeem(access)
    assert session is not None
    assert (session.user.name, session.expires_at) == ("Ada", SESSION_END)
    assert redeem(access, session="another") is None
    assert access.session("session", at=NOW + 2 * MINUTE) is not None
    assert access.session("another", at=NOW + 2 * MINUTE) is None


def test_a_link_is_void_after_its_time_and_when_unknown(access: AccessStore) -> None:
    a_link(access)
    assert redeem(access, minutes=15) is None
    assert redeem(access, "unknown") is None
    assert redeem(access, minutes=14) is not None


def test_of_two_who_use_a_link_at_once_one_gets_in(access: AccessStore) -> None:
    a_link(access)
    found: list[Session | None] = []
    start = threading.Barrier(4)

    def use(number: int) -> None:
        start.wait()
        found.append(redeem(access, session=f"session {number}"))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(session is not None for session in found) == 1


def test_a_session_is_seen_to_the_minute_and_ends(access: AccessStore) -> None:
    a_link(access)
    redeem(access, minutes=0)
    seconds = access.session("session", at=NOW + timedelta(seconds=59))
    assert seconds is not None
    assert seconds.last_seen_at == NOW
    later = access.session("session", at=NOW + 5 * MINUTE)
    assert later is not None
    assert later.last_seen_at == NOW + 5 * MINUTE
    assert access.session("session", at=SESSION_END) is None


def test_a_revoked_session_is_over(access: AccessStore) -> None:
    a_link(access)
    redeem(access)
    assert access.revoke_session("session", at=NOW + 2 * MINUTE)
    assert access.session("session", at=NOW + 3 * MINUTE) is None
    assert not access.revoke_session("session", at=NOW + 3 * MINUTE)
    assert not access.revoke_session("unknown", at=NOW)


def test_what_has_ended_is_forgotten(access: AccessStore) -> None:
    a_link(access)
    redeem(access)
    access.create_link("other", user_id="u1", at=NOW, expires_at=NOW + 15 * MINUTE)
    assert access.forget_expired(before=NOW) == 0
    assert access.forget_expired(before=NOW + 10 * MINUTE) == 1
    assert access.forget_expired(before=SESSION_END + MINUTE) == 2
    assert access.session("session", at=NOW + 2 * MINUTE) is None


def test_a_link_needs_a_user_and_a_token_of_its_own(access: AccessStore) -> None:
    with pytest.raises(NotFound, match="nobody"):
        access.create_link("link", user_id="nobody", at=NOW, expires_at=NOW + MINUTE)
    a_link(access)
    with pytest.raises(Conflict, match="link exists already"):
        access.create_link("link", user_id="u1", at=NOW, expires_at=NOW + MINUTE)
    with pytest.raises(ValueError, match="cannot end"):
        access.create_link("past", user_id="u1", at=NOW, expires_at=NOW)
