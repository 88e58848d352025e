"""Answers in words, such as "Strongly agree", and the numbers they usually stand for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# Each family from the lowest to the highest answer; the alternatives of an answer stand together.
_FAMILIES: Sequence[Sequence[Sequence[str]]] = (
    (
        ("strongly disagree", "completely disagree", "fully disagree"),
        ("disagree", "somewhat disagree"),
        ("neither agree nor disagree", "neutral", "undecided"),
        ("agree", "somewhat agree"),
        ("strongly agree", "completely agree", "fully agree"),
    ),
    (
        ("strongly disagree",),
        ("disagree", "moderately disagree"),
        ("somewhat disagree", "slightly disagree"),
        ("neither agree nor disagree", "neutral"),
        ("somewhat agree", "slightly agree"),
        ("agree", "moderately agree"),
        ("strongly agree",),
    ),
    (("never",), ("rarely", "seldom"), ("sometimes",), ("often",), ("always", "very often")),
    (
        ("not at all",),
        ("a little", "slightly", "a little bit"),
        ("moderately", "somewhat"),
        ("very", "quite a bit", "very much"),
        ("extremely", "completely", "a great deal"),
    ),
    (
        ("stimme überhaupt nicht zu", "stimme gar nicht zu", "stimme nicht zu"),
        ("stimme eher nicht zu", "stimme weniger zu"),
        ("teils/teils", "teils teils", "teils, teils", "weder noch", "neutral"),
        ("stimme eher zu",),
        ("stimme voll und ganz zu", "stimme voll zu", "stimme völlig zu", "stimme zu"),
    ),
    (
        ("trifft überhaupt nicht zu", "trifft gar nicht zu", "trifft nicht zu"),
        ("trifft eher nicht zu", "trifft wenig zu"),
        ("teils/teils", "teils teils", "teils, teils", "weder noch"),
        ("trifft eher zu",),
        ("trifft voll und ganz zu", "trifft völlig zu", "trifft voll zu", "trifft zu"),
    ),
    (("nie",), ("selten",), ("manchmal", "gelegentlich"), ("oft", "häufig"), ("immer",)),
    (
        ("totalmente en desacuerdo", "muy en desacuerdo"),
        ("en desacuerdo",),
        ("ni de acuerdo ni en desacuerdo", "neutral"),
        ("de acuerdo",),
        ("totalmente de acuerdo", "muy de acuerdo"),
    ),
    (
        ("nunca",),
        ("rara vez", "casi nunca"),
        ("a veces",),
        ("a menudo", "casi siempre"),
        ("siempre",),
    ),
    (
        ("pas du tout d'accord",),
        ("pas d'accord", "plutôt pas d'accord"),
        ("ni d'accord ni pas d'accord", "neutre"),
        ("d'accord", "plutôt d'accord"),
        ("tout à fait d'accord",),
    ),
    (("jamais",), ("rarement",), ("parfois",), ("souvent",), ("toujours",)),
)
# Words that say why there is no answer, and codes for it.
_NO_ANSWER = re.compile(
    r"n\W?a\W?|k\W?a\W?|keine angabe|weiß nicht|not applicable|no answer|don['’]?t know|do not know"
    r"|prefer not to (say|answer)|rather not say|refused|missing|no aplica|no s[eé]|ns/nc"
    r"|no contesta|sans objet|ne sait pas|[-.?]+|-[0-9]+",
    re.IGNORECASE,
)
# "1 - not at all", "completely (7)".
_ENDS = re.compile(r"[(\[]?([0-9]{1,2})\W+[^\W\d_]{2,}.*|.*[^\W\d_]{2,}\W+([0-9]{1,2})[)\]]?")


def read_ratings(texts: Collection[str]) -> dict[str, int]:
    """Return the number of each answer in words; nothing where some are no known answers.

    Parameters
    ----------
    texts : collection of str
        Distinct answers; mere numbers among them stand for themselves, and words such as "n/a"
        for no answer.

    Examples
    --------
    >>> read_ratings(["Agree", "Strongly disagree"])
    {'Agree': 4, 'Strongly disagree': 1}
    >>> read_ratings(["1 (not at all)", "2", "7 (completely)"])
    {'1 (not at all)': 1, '7 (completely)': 7}
    >>> read_ratings(["woman", "man"])
    {}
    """
    texts = [text for text in texts if not says_nothing(text)]
    words = [text for text in texts if not text.isdecimal()]
    if not 1 < len(texts) <= 12 or not words:
        return {}
    ends = {text: found for text in words if (found := _ENDS.fullmatch(text))}
    if len(ends) == len(words):
        numbers = {text: int(found[1] or found[2]) for text, found in ends.items()}
        return numbers if len(set(numbers.values())) == len(numbers) else {}
    for family in _FAMILIES:
        known = {word: place for place, step in enumerate(family, start=1) for word in step}
        plain = {text: " ".join(text.casefold().replace("’", "'").split()) for text in words}
        if len(words) == len(texts) and all(word in known for word in plain.values()):
            numbers = {text: known[word] for text, word in plain.items()}
            if len(set(numbers.values())) == len(numbers):
                return numbers
    return {}


def says_nothing(text: str) -> bool:
    """Tell whether a word says that there is no answer.

    Examples
    --------
    >>> says_nothing("N/A"), says_nothing("keine Angabe"), says_nothing("never")
    (True, True, False)
    """
    return _NO_ANSWER.fullmatch(text) is not None


def family_size(ratings: Collection[int]) -> int:
    """Return the highest answer there may be, when some of the words were given.

    Examples
    --------
    >>> family_size([1, 4]), family_size([6])
    (5, 7)
    """
    return next((size for size in (5, 7, 10) if max(ratings) <= size), max(ratings))
