"""Scoring one evaluation by the model that its strategy names."""

from tradewarden.core.account import AccountState
from tradewarden.core.confidence import emnr_v0, v1
from tradewarden.core.confidence.reach import highest
from tradewarden.core.confidence.values import Confidence, summed
from tradewarden.core.desk import DeskState
from tradewarden.core.indicators.market_state import MarketState
from tradewarden.core.market.calendar import Embargo
from tradewarden.core.market.snapshot import MarketSnapshot
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.evaluate import Evaluation
from tradewarden.core.strategy.spec import ConfidenceModel, StrategySpec


def score(
    evaluation: Evaluation,
    snapshot: MarketSnapshot,
    market: MarketState,
    account: AccountState | None,
    desk: DeskState,
    policy: RiskPolicy,
    *,
    spec: StrategySpec,
    embargo: Embargo,
) -> Confidence:
    """Return the score of a held setup of ``spec``, or its proximity while entry fails or exit holds."""
    model = spec.confidence_model
    if model is ConfidenceModel.EMNR_V0:
        contributions = emnr_v0.contributions_of(evaluation, snapshot, policy, spec, embargo=embargo)
    else:
        contributions = v1.contributions_of(evaluation, snapshot, market, account, desk, policy, spec, embargo=embargo)
    return summed(
        model.value,
        contributions,
        highest=highest(model),
        is_proximity=not evaluation.entry or evaluation.exit,
    )
