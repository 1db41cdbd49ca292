"""How high scores can get: of a model, of a strategy, and whether that satisfies a policy's threshold."""

from decimal import Decimal

from tradewarden.core.confidence import emnr_v0, v1
from tradewarden.core.confidence.emnr_v0 import EMNR_V0
from tradewarden.core.confidence.v1 import V1
from tradewarden.core.policy import RiskPolicy
from tradewarden.core.strategy.spec import ConfidenceModel, StrategySpec
from tradewarden.core.values import ONE_HUNDRED

_EMNR_HIGHEST = EMNR_V0.entry + EMNR_V0.strong + EMNR_V0.aligned
_HIGHEST = {
    ConfidenceModel.V1: V1.setup + V1.strong + V1.market + V1.account,
    ConfidenceModel.EMNR_V0: _EMNR_HIGHEST,
}
_MAXIMA: dict[ConfidenceModel, dict[str, Decimal]] = {
    ConfidenceModel.V1: {"strategy": V1.setup + V1.strong, "market": V1.market, "account": V1.account},
    ConfidenceModel.EMNR_V0: {"strategy": EMNR_V0.entry + EMNR_V0.strong, "market": EMNR_V0.aligned},
}


def highest(model: ConfidenceModel) -> Decimal:
    """Return the highest score of ``model``: 100 of v1, 65 of emnr_v0."""
    return _HIGHEST[model]


def part_maxima(model: ConfidenceModel) -> dict[str, Decimal]:
    """Return the most points that each part of ``model`` can give."""
    return _MAXIMA[model]


def effective_threshold(policy: RiskPolicy, model: ConfidenceModel) -> Decimal:
    """Return the policy's threshold on the scale of ``model``: times its highest score ÷ 100."""
    threshold, top = policy.min_confidence_threshold, _HIGHEST[model]
    return threshold if top == ONE_HUNDRED else threshold * top / ONE_HUNDRED


def reachable_score(spec: StrategySpec) -> Decimal:
    """Return the highest score that an idea of ``spec`` can have when everything speaks for it."""
    return emnr_v0.reachable(spec) if spec.confidence_model is ConfidenceModel.EMNR_V0 else v1.reachable(spec)


def reach_problem(spec: StrategySpec, policy: RiskPolicy) -> str:
    """Return why no idea of ``spec`` could ever reach the policy's threshold, or an empty text."""
    model, reach = spec.confidence_model, reachable_score(spec)
    threshold = effective_threshold(policy, model)
    if reach >= threshold:
        return ""
    needed = f"the policy's threshold is {policy.min_confidence_threshold.normalize():f}"
    if model is not ConfidenceModel.V1:
        needed += f", {threshold.normalize():f} on the scale of {model.value}, which ends at {highest(model)}"
    why = " without a strong condition" if not spec.strong else ""
    return f"{needed}; the highest score that this strategy can reach{why} is {reach.normalize():f}"
