from __future__ import annotations

import pytest

from dyadkit.loading.drafting.guess_consent import with_consent
from dyadkit.loading.drafting.guess_source import SourceGuess
from tests.loading.making_exports import make_export


def consent(columns, **more):
    found = with_consent(SourceGuess(make_export("clients.csv", columns, **more)))
    return found.consent, found.granted


@pytest.mark.parametrize(
    ("name", "words", "granted"),
    [
        ("consent", ["Yes", "No", "Yes"], ("Yes",)),
        ("Einwilligung", ["Ja", "nein"], ("Ja",)),
        ("informed_consent", ["I agree to take part", "I do not"], ("I agree to take part",)),
        ("consentimiento", ["Sí", "No"], ("Sí",)),
        ("consent", ["1", "0"], ("1",)),
        ("consent", ["1.0", "2.0"], ("1.0",)),
        ("consent", ["given"], ("given",)),
    ],
)
def test_answers_that_grant_consent_are_known(name, words, granted):
    assert consent({"id": words, name: words}) == (name, granted)


@pytest.mark.parametrize(
    "words",
    [["No"], ["0"], ["I do not agree"], ["nein"], ["Yes, but I do not want to be cited"], ["n"]],
)
def test_a_refusal_never_grants(words):
    assert consent({"consent": words}) == ("consent", ())


def test_labels_tell_which_code_grants():
    labels = {"consent": {"1": "no", "2": "yes"}}
    assert consent({"consent": ["1", "2"]}, value_labels=labels) == ("consent", ("2",))


def test_a_column_that_plainly_asks_for_consent_is_never_passed_over():
    assert consent({"consent": ["A", "B"]}) == ("consent", ())
    assert consent({"agree_to_disagree": ["A", "B"]}) == ("", ())


def test_columns_with_many_answers_or_none_ask_something_else():
    assert consent({"consent_comment": [str(n) for n in range(20)], "consent2": [""] * 20}) == (
        "",
        (),
    )
