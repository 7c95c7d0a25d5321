"""Many quantities in one call, and what its answers mean."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import RemoteLot
from marketplaces.providers.brickowl.batch import MOST, Outcome, Written, confirmed, form, outcomes, parts
from marketplaces.providers.brickowl.refusing import problem

PART = [("55500123", 9), ("55500124", 0)]


def said(answer: Any, part: Any = PART) -> list[Outcome]:
    return [written.outcome for written in outcomes(answer, part, problem).values()]


def test_b7_batch_is_an_object_with_lists_of_one_and_only_quantities() -> None:
    assert form(PART) == {
        "requests": (
            '{"requests":[{"endpoint":"inventory/update","request_method":"POST","params":[{"lot_id":"55500123","absolute_quantity":9}]},'
            '{"endpoint":"inventory/update","request_method":"POST","params":[{"lot_id":"55500124","absolute_quantity":0}]}]}'
        )
    }


def test_plain_answers() -> None:
    assert said([{"status": "success"}, {"error": "Lot not found"}]) == [Outcome.DONE, Outcome.NOT_THERE]


def test_wrapped_answers() -> None:
    answer = {
        "responses": [
            {"endpoint": "inventory/update", "status_code": 200, "body": {"status": "Success"}},
            {"endpoint": "inventory/update", "status_code": 404, "body": {"error": "Lot not found"}},
        ]
    }
    assert said(answer) == [Outcome.DONE, Outcome.NOT_THERE]


def test_what_is_not_answered_is_unknown() -> None:
    assert said([{"status": "success"}]) == [Outcome.DONE, Outcome.UNKNOWN]
    assert said([]) == [Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert said({"status": "success"}) == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_more_answers_than_questions_speak_of_none_for_sure() -> None:
    assert said([{"status": "success"}] * 3) == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_failure_of_one_is_unknown_and_a_refusal_is_one() -> None:
    assert said([{"status_code": 500, "body": {"status": "success"}}, {"error": "Invalid quantity"}]) == [Outcome.UNKNOWN, Outcome.REFUSED]
    assert said([{"status": "queued"}, {"status_code": "200", "body": []}]) == [Outcome.UNKNOWN, Outcome.DONE]


_words = st.sampled_from(["success", "Success", "queued", "error"])
_entries = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.fixed_dictionaries({"status": _words}),
    st.fixed_dictionaries({"error": st.sampled_from(["Lot not found", "Invalid quantity", ""])}),
    st.fixed_dictionaries(
        {"status_code": st.sampled_from([200, "200", 404, 500, None]), "body": st.fixed_dictionaries({"status": _words})}
    ),
)


@given(st.lists(_entries, max_size=6), st.integers(0, 4), st.booleans())
def test_done_is_only_what_an_answer_of_its_own_says(entries: list[Any], count: int, wrapped: bool) -> None:
    part = [(str(number), number) for number in range(count)]
    found = said({"responses": entries} if wrapped else entries, part)
    assert len(found) == count
    for position, outcome in enumerate(found):
        if outcome is not Outcome.DONE:
            continue
        assert len(entries) <= count
        entry = entries[position]
        assert str(entry.get("status_code", 200)) == "200"
        body = entry.get("body", entry)
        assert body.get("status", "success").lower() == "success"
        assert not body.get("error")


@given(st.dictionaries(st.text("0123456789", min_size=1, max_size=6), st.integers(0, 99), max_size=180))
def test_each_lot_is_in_one_call_of_at_most_fifty(quantities: dict[str, int]) -> None:
    calls = list(parts(quantities))
    assert [pair for call in calls for pair in call] == list(quantities.items())
    assert all(0 < len(call) <= MOST for call in calls)


def lot(quantity: int) -> RemoteLot:
    return RemoteLot("1", quantity, {}, {})


def test_only_what_is_seen_was_done() -> None:
    assert confirmed(Written(Outcome.DONE), 9, lot(9)).outcome is Outcome.DONE
    assert confirmed(Written(Outcome.UNKNOWN), 9, lot(9)).outcome is Outcome.DONE
    assert confirmed(Written(Outcome.DONE), 9, lot(12)).outcome is Outcome.UNKNOWN
    assert confirmed(Written(Outcome.DONE), 9, None).outcome is Outcome.NOT_THERE
    assert confirmed(Written(Outcome.REFUSED, "no"), 9, lot(12)).outcome is Outcome.REFUSED
