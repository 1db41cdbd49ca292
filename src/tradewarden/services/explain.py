"""One plain sentence for what a decision came to: the rationale in the history."""

from tradewarden.core.decision import Decision, Result
from tradewarden.core.risk.reasons import FAILURES, Code
from tradewarden.core.risk.verdict import Check, Verdict


def rationale(decision: Decision, strategy_name: str) -> str:
    """Return the sentence for ``decision``."""
    idea, verdict, confidence = decision.idea, decision.verdict, decision.confidence
    if idea is None or verdict is None:
        return f"{strategy_name}: {decision.plan.reason if decision.plan else decision.result.value}"
    head = f"{strategy_name}: {idea.side} {idea.symbol} at {idea.entry}, stop {idea.stop_loss}"
    targets = " and ".join(str(price) for price in idea.take_profits)
    head += f", target {targets} ({idea.rr} R)"
    if confidence is not None:
        head += f", confidence {confidence.score}"
    if decision.result is Result.EXECUTE:
        return f"{head}. Every check passed: {verdict.lots} lots, {verdict.risk_amount} at risk."
    if decision.result is Result.NEEDS_APPROVAL:
        return f"{head}. Waits for a person: {failures(verdict)}."
    # The reason comes first: a list shows only the beginning.
    return f"Denied: {failures(verdict)}. {head}."


def failures(verdict: Verdict) -> str:
    """Return the blocking checks in words."""
    return "; ".join(failure(entry) for entry in verdict.failures()) or "nothing blocks"


def failure(entry: Check) -> str:
    """Return one failed check in words, with what was seen and the limit where they say more than the words."""
    if entry.code is Code.SUPERVISED_MODE:
        return FAILURES[entry.code]
    return f"{FAILURES[entry.code]} ({entry.observed}; limit: {entry.limit})"
