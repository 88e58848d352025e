"""Arithmetic that several analyses share: arrays in, frozen results out.

No module here knows a variable's name, a role or a dyad's id.  A missing score
is NaN, `n` in every result is counted after deletion, and data for which a
quantity is undefined raise `dyadkit.errors.DataError`.
"""
