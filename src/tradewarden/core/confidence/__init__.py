"""The confidence score: deterministic, every point a named contribution, by one of two versioned models.

The score says how much a held setup, the market around it and the account behind it speak for a trade. Contributions
sum to the score; what keeps it within its ends is a contribution too.
"""

from tradewarden.core.confidence.reach import effective_threshold, highest, part_maxima, reach_problem, reachable_score
from tradewarden.core.confidence.scoring import score
from tradewarden.core.confidence.values import Confidence, Contribution

__all__ = [
    "Confidence",
    "Contribution",
    "effective_threshold",
    "highest",
    "part_maxima",
    "reach_problem",
    "reachable_score",
    "score",
]
