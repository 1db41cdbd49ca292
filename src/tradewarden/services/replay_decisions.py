"""Recomputing recorded decisions from the record alone: no broker, no market, no clock.

What the record holds is compared with its digests first: inputs that were changed are a difference by themselves,
whatever they would lead to.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice

from tradewarden.core.errors import IntegrityError, NotFound
from tradewarden.core.replay import ReplayReport, StageDifference, replay
from tradewarden.ports.storage import Reading, Storage, StoredDecision
from tradewarden.services.recorded_content import cited_digests, content_problems, digest_problem

Progress = Callable[[int, int], None]
# Each process loads the arithmetic libraries first, which takes seconds; fewer decisions are done sooner without.
PARALLEL_FROM = 3000
_CHUNK = 50
_WAITING_PER_WORKER = 3
INPUTS = "inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySummary:
    """The outcome of replaying every recorded decision; ``different`` holds the reports of those that were not."""

    decisions: int
    identical: int
    different: tuple[ReplayReport, ...]
    per_second: float


@dataclass(frozen=True, slots=True)
class _Job:
    """A decision with the content it cites: all that another process needs."""

    stored: StoredDecision
    blobs: Mapping[str, bytes]


def replay_one(storage: Storage, seq: int) -> ReplayReport:
    """Return the comparison of the decision that entry ``seq`` records with what its inputs give now.

    Raises NotFound when that entry records no decision.
    """
    with storage.read() as reading:
        stored = reading.decision_at(seq)
        if stored is None:
            raise NotFound(f"entry {seq} records no decision that could be replayed")
        job = _job(reading, stored)
    return _replay(job)


def replay_all(
    storage: Storage,
    *,
    stopwatch: Callable[[], float],
    on_progress: Progress | None = None,
    workers: int | None = None,
) -> ReplaySummary:
    """Replay every recorded decision, over all cores where there are enough of them, and return the differences.

    ``stopwatch`` gives seconds for ``per_second``; ``workers`` bounds the processes (1 for none beside this one).
    """
    started = stopwatch()
    tell = on_progress or (lambda _done, _total: None)
    done = identical = 0
    different: list[ReplayReport] = []
    with storage.read() as reading:
        total = reading.decision_count()
        jobs = (_job(reading, stored) for stored in reading.walk_decisions())
        for reports in _results(jobs, workers or os.cpu_count() or 1):
            done += len(reports)
            for report in reports:
                identical += report.identical
                if not report.identical:
                    different.append(report)
            tell(done, total)
    seconds = stopwatch() - started
    return ReplaySummary(
        decisions=done,
        identical=identical,
        different=tuple(different),
        per_second=done / seconds if seconds > 0 else 0.0,
    )


def _job(reading: Reading, stored: StoredDecision) -> _Job:
    return _Job(stored, reading.blobs(sorted(set(cited_digests(stored.inputs)))))


def _results(jobs: Iterator[_Job], workers: int) -> Iterator[list[ReplayReport]]:
    """Yield reports in the order of the decisions, holding a few chunks of them at a time."""
    first = list(islice(jobs, PARALLEL_FROM))
    chunks = _chunks(chain(first, jobs))
    if workers < 2 or len(first) < PARALLEL_FROM:
        yield from map(_replay_chunk, chunks)
        return
    # Started afresh, not forked: a copied database connection would be used by two processes at once.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[Future[list[ReplayReport]]] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_replay_chunk, chunk))
            if len(waiting) >= workers * _WAITING_PER_WORKER:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _chunks(jobs: Iterable[_Job]) -> Iterator[list[_Job]]:
    source = iter(jobs)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _replay_chunk(jobs: list[_Job]) -> list[ReplayReport]:
    return [_replay(job) for job in jobs]


def _replay(job: _Job) -> ReplayReport:
    stored = job.stored
    problem = next(_input_problems(job), None)
    if problem is not None:
        return _unreadable(stored, problem)
    try:
        return replay(stored.inputs, stored.decision, job.blobs, recorded_digest=stored.decision_digest)
    except IntegrityError as error:
        return _unreadable(stored, str(error))


def _input_problems(job: _Job) -> Iterator[str]:
    stored = job.stored
    problem = digest_problem("the input", stored.inputs, stored.inputs_digest)
    if problem is not None:
        yield problem
    yield from content_problems(set(cited_digests(stored.inputs)), job.blobs)


def _unreadable(stored: StoredDecision, problem: str) -> ReplayReport:
    """Return the report of a decision whose recorded inputs are not what was recorded."""
    difference = StageDifference(stage=INPUTS, field="/", recorded=stored.inputs_digest, recomputed=problem)
    return ReplayReport(
        decision_id=stored.decision_id,
        identical=False,
        recorded_digest=stored.decision_digest,
        recomputed_digest="",
        differences=(difference,),
    )
