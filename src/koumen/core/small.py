"""Small numbers about people are not shown, nor what would tell them."""

from collections.abc import Sequence

SMALLEST_SHOWN = 5
HIDDEN_SUM = 2 * SMALLEST_SHOWN  # hidden numbers of a column add up to at least this, or its total is hidden too


def hide_small(numbers: Sequence[int | None]) -> tuple[set[int], bool]:
    """Which cells of a column are hidden, and whether its total is as well.

    Every number of 1–4 is hidden; then the smallest others, until at least two are hidden and together they are at
    least 10: what total minus shown tells is then no small number. When that cannot be reached, the total is hidden.
    """
    hidden = {i for i, n in enumerate(numbers) if n is not None and 0 < n < SMALLEST_SHOWN}
    if not hidden:
        return set(), False
    others = sorted((n, i) for i, n in enumerate(numbers) if n and i not in hidden)
    for _n, i in others:
        if _is_safe(numbers, hidden):
            break
        hidden.add(i)
    return hidden, not _is_safe(numbers, hidden)


def _is_safe(numbers: Sequence[int | None], hidden: set[int]) -> bool:
    return len(hidden) >= 2 and sum(numbers[i] or 0 for i in hidden) >= HIDDEN_SUM
