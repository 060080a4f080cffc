"""What runs once found: the narrow test that holds each find for good."""

from typing import Final

FOUND: Final = {
    "tests/shape/test_shape.py::test_no_endpoint_is_a_plain_function": "requests went to a thread up to three times",
    "tests/federation/test_restored_office.py::test_a_copy_from_before_the_match_takes_nothing_back_from_the_others": (
        "a restored office told the others anew from older rows: what it had closed since the copy was open again"
    ),
    "tests/federation/test_restored_office.py::"
    "test_whom_it_withdrew_after_the_copy_stays_withdrawn_until_it_takes_the_person_back": (
        "a client withdrawn after the copy came back active, and nobody could take the person back"
    ),
    "tests/federation/test_restored_office.py::"
    "test_what_it_writes_before_it_meets_the_match_once_more_reaches_the_others": (
        "what a restored office wrote before it met its match once more stayed at home"
    ),
    "tests/reconciliation/test_beginning_anew.py::"
    "test_whom_it_withdrew_on_either_side_of_the_fork_is_withdrawn_at_the_broker_too": (
        "an office that forked stayed a member for a client whom it had withdrawn"
    ),
    "tests/federation/test_suspicions_that_end.py::"
    "test_an_answer_to_what_the_other_side_ended_lapses_and_is_no_dead_letter": (
        "a suspicion that the other side had ended stayed open, and its answer was a dead letter"
    ),
    "tests/reconciliation/test_words_of_erasure.py::"
    "test_an_erasure_reaches_who_got_the_record_in_the_past_that_the_broker_lost": (
        "after a broker's loss an office went on holding what another had erased"
    ),
    "tests/exchange/test_histories.py::test_what_the_count_went_past_may_come_late_and_what_contradicts_may_not": (
        "what the broker had refused in the past that it lost was a dead letter when it came after later events"
    ),
    "tests/federation/test_suspicions_that_end.py::"
    "test_who_withdrew_on_the_far_side_of_a_fork_and_took_back_is_asked_anew": (
        "an office let a suspicion lapse in a past that the broker never heard of, and nobody asked it again"
    ),
    "tests/reconciliation/test_beginning_anew.py::"
    "test_whom_it_withdrew_and_took_back_on_the_far_side_of_the_fork_is_shared_again": (
        "whom an office withdrew and took back in a past that the broker never heard of it shared no more by itself"
    ),
    "tests/reconciliation/test_beginning_anew.py::"
    "test_an_office_that_is_lost_once_more_gets_back_what_it_disclosed_before_it_began_anew": (
        "an office that was restored from a copy of before it began anew got nothing back of its former incarnation"
    ),
    "tests/federation/test_redriving.py::"
    "test_a_restatement_under_the_count_of_what_was_refused_and_then_lost_answers_it": (
        "a dead letter stayed open whose author had lost it, and said all anew under its count"
    ),
    "tests/federation/test_duplicates_of_erased_forms.py::"
    "test_a_pair_that_comes_after_its_form_was_erased_is_not_noted": "an alert named a form that was erased meanwhile",
    "tests/federation/test_duplicates_of_erased_forms.py::"
    "test_the_end_of_a_pair_whose_form_was_erased_is_told_to_nobody": "the end of a pair named a form that was erased",
}
"""Narrow tests, and what they found. A change of the simulation makes other runs of all seeds, so a seed holds a find
only until callers or faults change; these tests hold it whatever becomes of the runs.
"""
