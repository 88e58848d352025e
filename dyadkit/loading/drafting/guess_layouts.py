"""How the rows of an export are laid out: a person each, a dyad each, or a loop over partners."""

from __future__ import annotations

from dyadkit.loading.drafting.guess_columns import Export, holds_answers
from dyadkit.loading.drafting.guess_slots import guess_loop
from dyadkit.loading.drafting.guess_spelling import Layout
from dyadkit.loading.drafting.guess_wide_rows import guess_dyads


def guess_layout(export: Export, *, one_role: bool) -> Layout:
    """Guess how the rows of an export are laid out.

    Parameters
    ----------
    export : Export
    one_role : bool
        Whether the whole file is known to be of one role, so that its rows cannot be dyads.
    """
    answers = [name for name, column in export.columns.items() if holds_answers(column)]
    found = None if one_role else guess_dyads(export, answers, abbreviated=False)
    found = found or guess_loop(export, answers, one_role=one_role)
    if not found and not one_role:
        found = guess_dyads(export, answers, abbreviated=True)
    return found or Layout(items={name: (name,) for name in answers})
