"""Observed data: DyadFrame, its variables, and the ledger of what was left out."""

from dyadkit.frame.dyads import DyadFrame
from dyadkit.frame.ledger import CELL_REASONS, ROW_REASONS, make_ledger
from dyadkit.frame.variable import Reference, Variable

__all__ = ["CELL_REASONS", "ROW_REASONS", "DyadFrame", "Reference", "Variable", "make_ledger"]
