"""No sequence of ideas, approvals, halts, faults and restarts reaches the terminal without an approved verdict.

A state machine drives a whole desk on the real simulated terminal. Every request that opens something is checked at
the moment it would leave: against the record, the halt in force and what people approved.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.builders import SYMBOL, D
from tests.services.desk_world import ABOVE, QUIET, DeskWorld, a_world, document

from tradewarden.core.audit.chain import Action, verify_chain
from tradewarden.core.audit.codec import decode
from tradewarden.core.decision import Decision, Result
from tradewarden.core.desk import IdeaStatus
from tradewarden.core.errors import TradewardenError
from tradewarden.core.orders import OpenIntent, intent_digest
from tradewarden.core.policy import Mode
from tradewarden.core.risk.verdict import ApprovedVerdict
from tradewarden.mt5sim import constants as mt5
from tradewarden.services.approve_idea import approve_idea
from tradewarden.services.change_policy import change_policy
from tradewarden.services.close_position import close_position
from tradewarden.services.halt_trading import halt_trading
from tradewarden.services.publish_strategy import toggle_strategy
from tradewarden.services.reject_idea import reject_idea
from tradewarden.services.resume_trading import resume_trading

# Up and down around the entry at 1.1005, again and again: setups begin, re-arm, win and lose.
WAVES = ((3, QUIET), (4, ABOVE), (3, 1.1030), (3, QUIET), (6, ABOVE), (4, 1.0985)) * 12


class Crash(BaseException):
    """The process is gone: no handler of the product may see this."""


class Line:
    """Stands between broker and terminal: checks every opening against the record, and can take the process down."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self.world: DeskWorld | None = None
        self.crash = ""
        self.opened: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def order_send(self, request: Any, /) -> Any:
        """Pass on what is approved; fail the test on anything else."""
        opens = request["action"] == mt5.TRADE_ACTION_DEAL and not request.get("position") and request.get("magic")
        if opens:
            assert self.world is not None
            self._check_opening(self.world, request)
        if self.crash == "before":
            raise Crash
        reply = self._terminal.order_send(request)
        # The reply may be lost on its way; what the terminal booked counts.
        if opens and self.world is not None and any(d.magic == request["magic"] for d in self.world.openings()):
            self.opened.append(request["magic"])
        if self.crash == "after":
            raise Crash
        return reply

    def _check_opening(self, world: DeskWorld, request: Any) -> None:
        assert request["magic"] not in self.opened, "an order identity is opened once"
        with world.storage.read() as reading:
            assert reading.halt() is None, "nothing opens during a halt"
            policy = reading.policy()
            assert policy is not None
            assert policy.policy.ai_trading_enabled
            found = [
                r for r in reading.outbox() if isinstance(r.intent, OpenIntent) and r.intent.magic == request["magic"]
            ]
            assert len(found) == 1, "one intent, recorded before it leaves"
            intent = found[0].intent
            assert isinstance(intent, OpenIntent)
            assert float(intent.lots) == request["volume"]
            entry = reading.entry(found[0].history_seq)
            assert entry is not None
            assert (entry.draft.payload or {})["intent_digest"] == intent_digest(intent)
            stored = reading.decision(intent.decision_id)
            assert stored is not None
            decision = decode(Decision, stored.decision)
            assert decision.result is Result.EXECUTE
            assert decision.verdict is not None
            assert ApprovedVerdict(decision.verdict).verdict.lots == intent.lots
            idea = reading.idea(intent.idea_id)
            assert idea is not None
            assert idea.status is IdeaStatus.WAITING


class FragileStorage:
    """The record of the machine: the process may die after a number of commits."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self.dies_after: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def write(self) -> Any:
        """Open a transaction; count it down."""
        if self.dies_after is not None:
            if self.dies_after <= 0:
                raise Crash
            self.dies_after -= 1
        return self._storage.write()


class DeskMachine(RuleBasedStateMachine):
    """The desk under everything that people, the market and bad luck can do to it, in any order."""

    def __init__(self) -> None:
        super().__init__()
        patient = document(exit_rules={"time_limit_minutes": 7})
        self.world = a_world(*WAVES, strategies=[patient], policy={"idea_life_bars": 6, "max_per_symbol": 2})
        self.line = Line(self.world.terminal)
        self.line.world = self.world
        broker: Any = self.world.desk.broker
        broker._line.terminal = self.line
        self.fragile = FragileStorage(self.world.storage)
        self._again()

    @initialize(mode=st.sampled_from(Mode))
    def the_desk_opens(self, mode: Mode) -> None:
        if mode is not Mode.AUTONOMOUS:
            change_policy(self.world.desk, {"mode": mode}, actor="user:ann")

    def _again(self) -> None:
        """Start a new desk on what is left of the old one."""
        self.line.crash, self.fragile.dies_after = "", None
        storage: Any = self.fragile
        self.world.restart(storage)

    def _act(self, act: Any) -> None:
        """Do something; refusals are fine, and after a crash a new desk starts."""
        try:
            act()
        except TradewardenError:
            pass
        except Crash:
            self._again()

    @rule(minutes=st.integers(1, 9))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self._act(self.world.step)

    @rule(seconds=st.sampled_from([5, 20, 31, 90]))
    def time_passes_between_bars(self, seconds: int) -> None:
        self._act(lambda: self.world.step(seconds))

    @rule(minutes=st.integers(1, 4))
    def the_desk_sleeps(self, minutes: int) -> None:
        self.world.advance(60 * minutes)

    @rule(
        share=st.sampled_from(["1", "0.5", "2", "0.001", "-1"]),
        right_digest=st.booleans() | st.just(value=True),
        worst=st.none() | st.sampled_from([D("1.1011"), D("1.0500")]),
    )
    def a_person_approves(self, share: str, right_digest: bool, worst: Any) -> None:
        for record in self.world.ideas(IdeaStatus.NEEDS_APPROVAL)[:1]:
            lots = (record.lots * D(share)).quantize(D("0.01"))
            digest = record.idea.digest if right_digest else "0" * 64
            self._act(
                lambda record=record, lots=lots, digest=digest: approve_idea(
                    self.world.desk,
                    record.idea.idea_id,
                    actor="user:ann",
                    idea_digest=digest,
                    lots=lots,
                    worst_price=worst,
                )
            )

    @rule(
        meanwhile=st.sampled_from(["nothing", "nothing", "halt", "requests lost", "replies lost", "dies", "record"]),
        commits=st.integers(0, 5),
    )
    def an_idea_is_awaited_and_approved(self, meanwhile: str, commits: int) -> None:
        """Approve in earnest, with what may go wrong between the proposal and the order."""
        self._act(lambda: change_policy(self.world.desk, {"mode": Mode.SUPERVISED}, actor="user:ann"))
        for _ in range(12):
            waiting = self.world.ideas(IdeaStatus.NEEDS_APPROVAL)
            if waiting:
                break
            self._act(self.world.step)
        else:
            return
        match meanwhile:
            case "halt":
                self._person("halt")
            case "dies":
                self.fragile.dies_after = commits
            case "nothing":
                pass
            case _:
                self._fail(meanwhile, commits)
        idea, lots = waiting[0].idea, waiting[0].lots
        self._act(
            lambda: approve_idea(self.world.desk, idea.idea_id, actor="user:ann", idea_digest=idea.digest, lots=lots)
        )
        self._act(self.world.step)

    @rule(
        act=st.sampled_from(
            ["reject", "halt", "resume", "resume", "alone", "supervised", "strategy off", "strategy on", "close"]
        )
    )
    def a_person_acts(self, act: str) -> None:
        self._person(act)

    def _person(self, act: str) -> None:
        desk = self.world.desk
        with self.world.storage.read() as reading:
            strategy_id = reading.strategies()[0].version.strategy_id
        waiting, held = self.world.ideas(IdeaStatus.NEEDS_APPROVAL), self.world.held()
        acts: dict[str, Callable[[], object]] = {
            "reject": lambda: waiting and reject_idea(desk, waiting[0].idea.idea_id, actor="user:bob"),
            "halt": lambda: halt_trading(desk, actor="user:ann", reason="enough"),
            "resume": lambda: resume_trading(desk, actor="user:ann"),
            "alone": lambda: change_policy(desk, {"mode": Mode.AUTONOMOUS}, actor="user:ann"),
            "supervised": lambda: change_policy(desk, {"mode": Mode.SUPERVISED}, actor="user:ann"),
            "strategy off": lambda: toggle_strategy(desk, strategy_id, active=False, actor="user:ann"),
            "strategy on": lambda: toggle_strategy(desk, strategy_id, active=True, actor="user:ann"),
            "close": lambda: held and close_position(desk, held[0].ticket, actor="user:ann"),
        }
        self._act(acts[act])

    @rule(
        fault=st.sampled_from(
            [
                "requests lost",
                "replies lost",
                "line mended",
                "record",
                "record mended",
                "dies at order",
                "dies after it",
            ]
        ),
        commits=st.integers(0, 6),
    )
    def bad_luck(self, fault: str, commits: int) -> None:
        self._fail(fault, commits)

    def _fail(self, fault: str, commits: int) -> None:
        terminal, storage = self.world.terminal, self.world.storage
        match fault:
            case "requests lost":
                terminal.lose_request = True
            case "replies lost":
                terminal.lose_reply = True
            case "line mended":
                terminal.lose_request = terminal.lose_reply = False
            case "record":
                storage.commits_left = commits
            case "record mended":
                storage.commits_left = None
            case "dies before":
                self.line.crash = "before"
            case _:
                self.line.crash = "after"

    @rule(commits=st.integers(0, 6))
    def the_process_will_die_at_a_commit(self, commits: int) -> None:
        self.fragile.dies_after = commits

    @rule()
    def the_desk_restarts(self) -> None:
        self._again()

    @rule()
    def everything_is_mended_and_resumed(self) -> None:
        """Give the next steps a desk that can trade, or most sequences would only ever be refused."""
        self.world.terminal.lose_request = self.world.terminal.lose_reply = False
        self.world.storage.commits_left = None
        self._again()
        self._act(lambda: resume_trading(self.world.desk, actor="user:ann"))
        self._act(self.world.step)

    @rule()
    def somebody_trades_by_hand(self) -> None:
        if not (self.world.terminal.lose_request or self.world.terminal.lose_reply) and len(self.world.held()) < 3:
            self.world.buy_by_hand("0.05")

    @invariant()
    def an_idea_has_at_most_one_position_and_every_opening_its_approved_verdict(self) -> None:
        with self.world.storage.read() as reading:
            intents = [record.intent for record in reading.intents(limit=10_000)]
            approved = {i.magic: i.idea_id for i in intents if isinstance(i, OpenIntent)}
            assert verify_chain(reading.walk_history()).ok
        desk_openings = [deal for deal in self.world.openings() if deal.magic]
        assert sorted(deal.magic for deal in desk_openings) == sorted(self.line.opened)
        ideas = [approved[deal.magic] for deal in desk_openings]
        assert len(ideas) == len(set(ideas))

    def teardown(self) -> None:
        """Mend everything: the desk settles what it set in motion, and book and terminal agree."""
        world = self.world
        world.terminal.lose_request = world.terminal.lose_reply = False
        world.storage.commits_left = None
        self._again()
        self._act(lambda: halt_trading(world.desk, actor="user:ann", reason="the end"))
        for _ in range(6):
            assert world.step(), world.desk.monitor.health
        # What the last of these turns closed is booked by the next one.
        assert world.cycle()
        with world.storage.read() as reading:
            assert reading.outbox() == ()
            booked = {position.ticket: float(position.lots) for position in reading.positions()}
        assert booked == {held.ticket: held.volume for held in world.held() if held.magic}
        assert world.desk.monitor.health.reconciled
        assert not world.history(Action.DRIFT_DETECTED), SYMBOL


QUICK = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_no_sequence_finds_a_way_round_the_gate() -> None:
    run_state_machine_as_test(DeskMachine, settings=QUICK)


@pytest.mark.soak
def test_no_long_sequence_finds_a_way_round_the_gate() -> None:
    run_state_machine_as_test(DeskMachine, settings=settings(QUICK, max_examples=1000, stateful_step_count=60))
