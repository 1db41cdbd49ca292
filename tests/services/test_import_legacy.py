"""Importing into the record: all of it or none, with the digests of the source files in one entry."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.builders import SYMBOL
from tests.core.strategy.legacy_files import RULES, changed, imported, json_file
from tests.services.desk_world import a_world, document

from tradewarden.core.audit.chain import Action, HistoryEntry
from tradewarden.core.errors import InvalidInput, InvalidSetting, InvalidStrategy
from tradewarden.core.strategy.legacy import SourceFile, SourceKind
from tradewarden.ports.storage import HistoryFilter
from tradewarden.services.context import Desk
from tradewarden.services.import_legacy import ImportPackage, PackedStrategy, package_of, record_import

PERSON = "user:ana"
SOURCE = SourceFile(name="rules.json", kind=SourceKind.RULES, digest="a" * 64)


def package(*documents: dict[str, Any], **limits: Any) -> ImportPackage:
    return ImportPackage(
        sources=(SOURCE,),
        strategies=tuple(PackedStrategy(source="rules.json", text=json.dumps(each)) for each in documents),
        limits=limits,
        notes=("rules.json /strategy/max_risk_pct: 1 → risk_fraction 0.01",),
    )


def entries(desk: Desk, *actions: Action) -> list[HistoryEntry]:
    with desk.storage.read() as reading:
        return list(reversed(reading.history(HistoryFilter(actions=actions))))


def names(desk: Desk) -> set[str]:
    with desk.storage.read() as reading:
        return {record.version.spec.name for record in reading.strategies()}


def test_an_import_publishes_applies_and_records_its_sources_as_the_person() -> None:
    made = a_world()
    desk = made.desk
    outcome = record_import(
        desk, package(document(name="One"), document(name="Two"), max_daily_loss=Decimal(900)), actor=PERSON
    )
    (entry,) = entries(desk, Action.IMPORTED)
    assert outcome.history_seq == entry.seq
    assert {"One", "Two"} <= names(desk)
    with desk.storage.read() as reading:
        policy = reading.policy()
    assert policy is not None
    assert policy.policy.max_daily_loss == Decimal(900)
    assert policy.version == outcome.policy_version
    draft = entry.draft
    assert (draft.actor, draft.human_override) == (PERSON, True)
    assert draft.payload is not None
    assert draft.payload["files"] == [{"name": "rules.json", "kind": "rules", "sha256": "a" * 64}]
    assert draft.payload["limits"] == ["max_daily_loss"]
    assert draft.payload["notes_total"] == 1
    published = entries(desk, Action.STRATEGY_PUBLISHED)[-2:]
    assert [each.draft.actor for each in published] == [PERSON, PERSON]
    assert entries(desk, Action.SETTINGS_CHANGED)[-1].draft.actor == PERSON


def test_names_of_symbols_go_into_the_desks_map_with_the_strategies_that_use_them() -> None:
    made = a_world()
    sent = replace(package(document(name="One")), symbols={"EURO": SYMBOL})
    outcome = record_import(made.desk, sent, actor=PERSON)
    assert outcome.symbol_map_version == 1
    with made.desk.storage.read() as reading:
        assert reading.symbol_map().broker_symbol("EURO") == SYMBOL
    assert "EURO" in made.desk.market.symbols()
    (entry,) = entries(made.desk, Action.IMPORTED)
    assert entry.draft.payload is not None
    assert entry.draft.payload["symbols"] == {"EURO": SYMBOL}
    assert record_import(made.desk, sent, actor=PERSON).symbol_map_version is None


def test_importing_the_same_again_changes_nothing() -> None:
    made = a_world()
    sent = package(document(name="One"), max_daily_loss=Decimal(900))
    record_import(made.desk, sent, actor=PERSON)
    with made.desk.storage.read() as reading:
        head = reading.head()
    again = record_import(made.desk, sent, actor=PERSON)
    assert (again.history_seq, again.policy_version) == (None, None)
    assert [each.created for each in again.strategies] == [False]
    with made.desk.storage.read() as reading:
        assert reading.head() == head


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (package(document(name="One"), document(name="Two", timeframe="M7")), InvalidStrategy),
        (package(document(name="One"), max_daily_loss=Decimal(-1)), InvalidSetting),
        (package(document(name="One"), ai_trading_enabled=True), InvalidSetting),
        (package(document(name="One"), leverage=5), InvalidSetting),
        (replace(package(document(name="One")), symbols={"XAUUSD": "GOLD.pro"}), InvalidSetting),
        (ImportPackage(sources=(SOURCE,)), InvalidInput),
        (ImportPackage(sources=(), strategies=package(document(name="One")).strategies), InvalidInput),
    ],
)
def test_an_import_with_one_fault_leaves_the_record_as_it_was(sent: ImportPackage, error: type[Exception]) -> None:
    made = a_world()
    with made.desk.storage.read() as reading:
        before = (reading.head(), reading.policy(), reading.strategies())
    with pytest.raises(error):
        record_import(made.desk, sent, actor=PERSON)
    with made.desk.storage.read() as reading:
        assert (reading.head(), reading.policy(), reading.strategies()) == before


def test_what_was_refused_never_becomes_a_package() -> None:
    translation = imported(json_file(changed(RULES, "conditions/entry", ["moon_is_full"])))
    assert translation.refusals
    with pytest.raises(InvalidInput, match="moon_is_full"):
        package_of(translation, with_strategies=True, with_limits=True, with_symbols=True)
