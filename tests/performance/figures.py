"""What a goal is judged by: a measured value, its baseline of the same run, a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One judged figure: with a `baseline` the ratio of both is judged, without it the value itself.

    `unit` is that of value and baseline ("ms", "B"); `at_least` turns the limit into a floor. Without a limit it is
    told beside a judged one.
    """

    goal: int
    name: str
    value: float
    limit: float | None
    unit: str
    baseline: float | None = None
    at_least: bool = False

    @property
    def judged(self) -> float:
        """What is compared with the limit."""
        return self.value if self.baseline is None else self.value / self.baseline

    @property
    def is_met(self) -> bool:
        """Whether the goal is kept."""
        if self.limit is None:
            return True
        return self.judged >= self.limit if self.at_least else self.judged <= self.limit

    def better(self, other: Figure) -> Figure:
        """The better of two runs of the same figure."""
        return max(self, other, key=lambda figure: figure.judged if self.at_least else -figure.judged)


def missed(goal: int, name: str, limit: float, unit: str) -> Figure:
    """A figure that could not be taken: never met."""
    return Figure(goal, name, float("inf"), limit, unit)


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns: goal, figure, value, baseline, ratio, limit, verdict."""
    rows = [("goal", "figure", "value", "baseline", "ratio", "limit", "verdict")]
    for figure in sorted(figures, key=lambda figure: figure.goal):
        is_ratio = figure.baseline is not None
        limit = "-"
        if figure.limit is not None:
            limit = f"{'>=' if figure.at_least else '<='} {figure.limit:g}{'x' if is_ratio else ' ' + figure.unit}"
        rows.append(
            (
                str(figure.goal),
                figure.name,
                _amount(figure.value, figure.unit),
                _amount(figure.baseline, figure.unit) if figure.baseline is not None else "-",
                f"{figure.judged:.2f}" if is_ratio else "-",
                limit,
                _verdict(figure),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _amount(value: float, unit: str) -> str:
    return f"{value:.3f} {unit}" if value < 1 else f"{value:.1f} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def _verdict(figure: Figure) -> str:
    if figure.limit is None:
        return "told"
    return "kept" if figure.is_met else "MISSED"
