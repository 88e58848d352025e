"""Ids that mean the same person or dyad although they are written differently.

`loose_form` joins what the study file allows to be joined; `likely_matches` only reports.  A file
may hold a million ids, so they stay in Arrow's memory, where all of them are one run of bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Texts = np.ndarray[tuple[int], np.dtype[np.object_]]
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Ids = pd.Series | pd.Index | Texts | Sequence[str]
Ignored = Literal["case", "space", "zero_pad"]

# Readers refuse it, and nothing below changes it or composes with it.
_BETWEEN = "\0"

_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f "
_WIDE_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Zero-width spaces and joiners, direction marks, the soft hyphen and the byte order mark.
_INVISIBLE = "\xad\u061c\u180e\ufeff" + "".join(
    map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
)
_NO_SPACES = dict.fromkeys(_WIDE_SPACES + _INVISIBLE, "")

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7", "-")
# Small letters whose capitals look Latin: ids are mostly written in capitals.
_CYRILLIC = dict(zip("авеёкмнорстухіїјѕԁԛԝһӏү", "abeekmhopctyxiijsdqwhly", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True))
# Latin ones that are easily taken for others: dotless i and j, iota, the long s, a broken bar.
_OTHERS = {"\u0131": "i", "\u0237": "j", "\u0269": "i", "\u017f": "s", "\xa6": "|"}
_SMALL = {**_CYRILLIC, **_GREEK, **_OTHERS}
_LETTERS = {
    **_DASHES,
    **_SMALL,
    **{
        strange.upper(): latin.upper()
        for strange, latin in _SMALL.items()
        if strange.upper() != strange and not strange.upper().isascii()
    },
}


def _bytes_table(pairs: dict[str, str]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    table = np.arange(256, dtype=np.uint8)
    for old, new in pairs.items():
        table[ord(old)] = ord(new)
    return table


_ASCII_LOWER = _bytes_table({chr(c): chr(c + 32) for c in range(ord("A"), ord("Z") + 1)})
_DIGITS = _bytes_table(
    {
        letter: digit
        for digit, letters in {"0": "oO", "1": "iIl|", "5": "sS", "8": "bB", "2": "zZ"}.items()
        for letter in letters
    }
)

_WORDS = {
    "case": "case",
    "space": "spaces",
    "zero_pad": "leading zeros",
    "inner_zeros": "leading zeros",
    "decimals": "a trailing .0",
    "look_alike": "look-alike characters",
}
_STEPS = tuple(_WORDS)
_ALL = frozenset(_STEPS)


def loose_form(ids: Ids, ignoring: Collection[Ignored]) -> Texts:
    """Bring ids that differ only in what the study file says to ignore to one form.

    Parameters
    ----------
    ids : Series, Index, ndarray or sequence of str
        In any number and order; categorical texts too.
    ignoring : collection of {"case", "space", "zero_pad"}
        Upper and lower case; whitespace anywhere, with no-break and zero-width spaces; zeros at
        the beginning, of which "000" keeps one.

    Returns
    -------
    ndarray of str, shape (n,)
        Ids that are the same person have the same form.  With nothing to ignore, the ids.

    Examples
    --------
    >>> loose_form(["0042K", "42k", "4 2K", "000"], {"case", "space", "zero_pad"}).tolist()
    ['42k', '42k', '42k', '0']
    """
    codes, distinct = _distinct(ids)
    return _as_texts(_form(distinct, frozenset(ignoring)))[codes]


def skeleton(ids: Ids) -> Texts:
    r"""Reduce ids to what is left of them when they are hard to read, or were badly copied.

    Ignored are: case, spaces, zeros in front of a number, a trailing ".0", the kind of a dash,
    the width of a character, Cyrillic and Greek letters that look Latin, and which of O and 0, of
    I, l, 1 and |, of S and 5, of B and 8, of Z and 2 was written.  Ids of equal `loose_form` have
    equal skeletons.  A skeleton is good for a report and never for joining: "S1" and "51" share
    one.

    Parameters
    ----------
    ids : Series, Index, ndarray or sequence of str

    Returns
    -------
    ndarray of str, shape (n,)

    Examples
    --------
    >>> skeleton(["O042–K", "42-k", "42.0", "\u0421-7"]).tolist()
    ['42-k', '42-k', '42', 'c-7']
    """
    codes, distinct = _distinct(ids)
    return _as_texts(_form(distinct, _ALL))[codes]


def likely_matches(unmatched: Ids, known: Ids) -> pd.DataFrame:
    """Find, for ids that match none of the known ones, the one that was probably meant.

    Parameters
    ----------
    unmatched : Series, Index, ndarray or sequence of str
        Ids to explain.  Empty ones, and those that stand among the known ones, are left out.
    known : Series, Index, ndarray or sequence of str
        Ids that they may stand for.

    Returns
    -------
    DataFrame
        ``id`` (each once, in order of appearance), ``match`` and ``differs``: in what the two
        differ, such as "case and leading zeros".  An id that resembles several known ones, or
        that resembles one together with another unmatched id, has an empty match and differs by
        "ambiguous".  Whoever shows it must have left out ids of people without consent before.

    Examples
    --------
    >>> likely_matches(["c7", "O42", "99"], ["C7", "042", "55"])
        id match                differs
    0   c7    C7                   case
    1  O42   042  look-alike characters
    """
    wanted, targets = _distinct(unmatched)[1], _distinct(known)[1]
    wanted = wanted.filter(
        pc.and_(pc.not_equal(wanted, ""), pc.invert(pc.is_in(wanted, value_set=targets)))
    )
    targets = targets.filter(pc.not_equal(targets, ""))
    both = pa.concat_arrays([_form(wanted, _ALL), _form(targets, _ALL)]).dictionary_encode()
    skeletons = both.indices.to_numpy()
    mine, yours = skeletons[: len(wanted)], skeletons[len(wanted) :]
    n_known, n_wanted = (np.bincount(c, minlength=len(both.dictionary)) for c in (yours, mine))
    place = np.zeros(len(both.dictionary), dtype=np.int64)
    place[yours] = np.arange(len(yours))
    # Ids of spaces and zeros only are alike in nothing.
    like = (n_known[mine] > 0) & _as_flags(pc.not_equal(both.dictionary, ""))[mine]
    wanted, mine = wanted.filter(pa.array(like)), mine[like]
    clear = (n_known[mine] == 1) & (n_wanted[mine] == 1)
    match = np.full(len(wanted), "", dtype=object)
    differs = np.full(len(wanted), "ambiguous", dtype=object)
    pairs = wanted.filter(pa.array(clear)), targets.take(pa.array(place[mine[clear]]))
    match[clear] = _as_texts(pairs[1])
    differs[clear] = _differences(*pairs)
    return pd.DataFrame({"id": _as_texts(wanted), "match": match, "differs": differs})


def _differences(ids: Any, matches: Any) -> Texts:
    """Say for each pair what must be ignored for the two to be the same, and no more than that."""
    bits = 1 << np.arange(len(_STEPS))
    needed = np.zeros(len(ids), dtype=np.int64)
    for step, bit in zip(_STEPS, bits, strict=True):
        alone = frozenset({step})
        changes = [pc.not_equal(_form(texts, alone), texts) for texts in (ids, matches)]
        needed += bit * _as_flags(pc.or_(*changes))
    # Every pair is the same when all steps are taken; a step is needed if the pair differs
    # without it.  The strangest explanations are dropped first.
    for bit in bits[::-1]:
        for taken in np.unique(needed[(needed & bit > 0) & (needed != bit)]):
            some = np.flatnonzero(needed == taken)
            steps = frozenset(s for s, b in zip(_STEPS, bits, strict=True) if taken & b & ~bit)
            mine, yours = (_form(texts.take(pa.array(some)), steps) for texts in (ids, matches))
            needed[some[_as_flags(pc.equal(mine, yours))]] -= bit
    kinds, which = np.unique(needed, return_inverse=True)
    words = [
        _and(list(dict.fromkeys(_WORDS[s] for s, b in zip(_STEPS, bits, strict=True) if kind & b)))
        for kind in kinds
    ]
    return np.array(words, dtype=object)[which]


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _form(texts: Any, steps: frozenset[str]) -> Any:
    """Take some of the steps towards the skeleton."""
    if steps & {"case", "space", "look_alike"}:
        strange = pc.invert(pc.string_is_ascii(texts))
        if pc.any(strange).as_py():
            simpler = pa.array(_simpler(_as_texts(texts.filter(strange)), steps), texts.type)
            texts = pc.replace_with_mask(texts, strange, simpler)
    if "case" in steps:
        texts = _exchanged(texts, _ASCII_LOWER)
    if "space" in steps:
        texts = pc.replace_substring_regex(texts, f"[{_SPACES}]+", "")
    if "decimals" in steps:
        texts = pc.replace_substring_regex(texts, r"([0-9])[.,]0+$", r"\1")
    # The letter O stands for a zero before a number only: Olivia is not Livia.
    zero = "0oO" if "look_alike" in steps else "0"
    if "zero_pad" in steps:
        numbered = f"^[{zero}]+([^.,0-9][^0-9]*[0-9]|[0-9])"
        texts = pc.replace_substring_regex(texts, numbered, r"\1")
        texts = pc.replace_substring_regex(texts, r"^0+([^.,])", r"\1")
    if "inner_zeros" in steps:
        inner = f"([^0-9{zero}.,])[{zero}]+([0-9])"
        texts = pc.replace_substring_regex(texts, inner, r"\1\2")
    return _exchanged(texts, _DIGITS) if "look_alike" in steps else texts


def _simpler(texts: Texts, steps: frozenset[str]) -> list[str]:
    """Bring texts with other than ASCII characters nearer to ASCII, in one long text."""

    def simplify(text: str) -> str:
        if "case" in steps:
            text = text.casefold()
        if "space" in steps:
            text = _replaced(text, _NO_SPACES)
        if "look_alike" in steps:
            text = unicodedata.normalize("NFKC", text)
            if "case" in steps:
                text = unicodedata.normalize("NFKC", text.casefold())
            text = _replaced(text, _LETTERS)
            if "space" in steps:
                text = _replaced(text, _NO_SPACES)
        return text

    parts = simplify(_BETWEEN.join(texts)).split(_BETWEEN)
    return parts if len(parts) == len(texts) else [simplify(text) for text in texts]


def _replaced(text: str, table: dict[str, str]) -> str:
    # Quicker than str.translate, since few of the characters ever occur.
    for letter in sorted(table.keys() & set(text)):
        text = text.replace(letter, table[letter])
    return text


def _exchanged(texts: Any, table: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Any:
    """Exchange ASCII characters, which are never part of another one in UTF-8."""
    _, offsets, run = texts.buffers()
    if run is None:
        return texts
    exchanged = pa.py_buffer(table[np.frombuffer(run, dtype=np.uint8)])
    return pa.Array.from_buffers(
        texts.type, len(texts), [None, offsets, exchanged], offset=texts.offset
    )


def _distinct(ids: Ids) -> tuple[Codes, Any]:
    """Return each id once, in order of appearance, and which of them stands where."""
    series = pd.Series(ids, dtype=None if len(ids) else "object")
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, found = pd.factorize(series.cat.codes.to_numpy())
        texts = series.cat.categories.take(found).astype("object")
        return codes.astype(np.int64), pa.array(texts, pa.large_string())
    encoded = pa.array(series.astype("object"), pa.large_string()).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary


def _as_texts(texts: Any) -> Texts:
    return np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)


def _as_flags(flags: Any) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)
