"""What an official decides is printed with its reasons; an appeal has days that can be, and can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Federation
from tests.domain.benefit.builders import spaced
from tests.federation.recipients import Recipient, make_recipient


@pytest.fixture
async def recipient(federation: Federation) -> Recipient:
    return await make_recipient(federation)


async def go(recipient: Recipient, days: int) -> None:
    recipient.federation.clock.go(timedelta(days=days).total_seconds())
    await recipient.federation.sign_anew()


async def test_a_refusal_has_a_reason_that_fits_and_says_it_in_words(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    result = (await recipient.benefit())["result_hash"]
    for reason in ({}, {"reason_code": "conditions_met"}, {"reason_code": "hardship"}):
        answer = await recipient.decide(result, 422, "refused", **reason)
        assert answer["field"] == "reason_code"
        assert answer["expected"].startswith("one of conditions_not_met, no_budget, ")
    answer = await recipient.decide(result, 409, "refused", reason_code="conditions_not_met")
    assert "no condition fails" in answer["detail"]
    assert (await recipient.benefit())["decisions"] == []
    await recipient.decide(result, decision="refused", reason_code="no_budget")
    text = await recipient.letter()
    assert "odmawiam przyznania" in text
    assert "Uzasadnienie:\n  W planie wydatków nie ma środków na to wsparcie.\n" in text
    assert "The budget holds no money for this benefit." in await recipient.letter("en")


async def test_a_refusal_for_a_condition_gives_its_figures(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    [registration] = await recipient.pup.listed(f"/v1/clients/{recipient.at_pup}/registrations")
    await recipient.pup.patch(f"/v1/registrations/{registration['id']}", {"from": "2026-01-01"})
    await recipient.federation.settle()
    shown = await recipient.benefit()
    assert (shown["months"], shown["complete"]) == ([], True)
    await recipient.decide(shown["result_hash"], decision="refused", reason_code="conditions_not_met")
    text = await recipient.letter()
    assert "Nie spełniono warunków wsparcia degresywnego:\n  ponad 365 dni rejestracji" in text
    assert "59 dni przed 2026-03-01" in text


async def test_a_lowering_left_undone_is_printed_with_the_amounts_that_stay(recipient: Recipient) -> None:
    job = await recipient.takes_a_job(net_gr=180000)
    before = await recipient.benefit()
    await recipient.decide(before["result_hash"])
    assert "Urząd ops-2478011" in await recipient.letter()
    after = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    answer = await recipient.decide(after["result_hash"], 422, "refused", reason_code="no_budget")
    assert "person_heard" in answer["expected"]
    await recipient.decide(after["result_hash"], decision="refused", reason_code="news_not_confirmed")
    text = spaced(await recipient.letter())
    for part in ("marzec 2026: 2 090,20 zł", "Nie potwierdzono informacji", "obniżenie:\n    grudzień 2026: "):
        assert part in text, part
    assert "instead of" in await recipient.letter("en")


async def test_an_appeal_on_a_day_that_cannot_be_is_refused_with_the_days_there_are(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    await recipient.decide((await recipient.benefit())["result_hash"])
    await go(recipient, 10)
    for day in ("2001-01-01", "2026-09-30", "2026-10-12", "2199-12-31"):
        answer = await recipient.appeal("appeal", 422, lodged_on=day)
        assert (answer["field"], answer["expected"]) == ("lodged_on", "a day from 2026-10-01 to 2026-10-11")
    assert (await recipient.appeal("appeal", lodged_on="2026-10-08"))["late"] is False
    outcome: dict[str, Any] = {"outcome": "upheld", "reason_code": "decision_right"}
    for day in ("2026-10-07", "2026-10-12"):
        answer = await recipient.appeal("appeal/outcome", 422, **outcome, decided_on=day)
        assert (answer["field"], answer["expected"]) == ("decided_on", "a day from 2026-10-08 to 2026-10-11")
    printed = await recipient.printed()
    note = printed["text"]
    assert (printed["legal_basis"], printed["appeal_days"]) == (None, None)
    assert "DECYZJA" not in note
    assert "Dzień wniesienia odwołania: 2026-10-08. Dzień decyzji, od której je wniesiono: 2026-10-01." in note
    await recipient.appeal("appeal/outcome", **outcome, decided_on="2026-10-11")
    assert "rozpatrzono dnia 2026-10-11" in await recipient.letter()


async def test_a_late_appeal_is_taken_and_marked(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    await recipient.decide((await recipient.benefit())["result_hash"])
    await go(recipient, 20)
    assert (await recipient.appeal("appeal", lodged_on="2026-10-16"))["late"] is True
    assert "po upływie 14 dni" in await recipient.letter()
    assert [one["late"] for one in (await recipient.benefit())["decisions"]] == [None, True]


async def test_an_appeal_noted_by_mistake_is_withdrawn_and_the_right_one_lodged(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    await recipient.decide((await recipient.benefit())["result_hash"])
    await go(recipient, 3)
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    mistake = {"outcome": "withdrawn", "decided_on": "2026-10-04", "reason_code": "entered_by_mistake"}
    await recipient.appeal("appeal/outcome", **mistake)
    assert (await recipient.benefit())["state"] == "approved"
    text = await recipient.letter()
    assert "NOTATKA O WYCOFANIU ODWOŁANIA" in text
    assert "odnotowano przez pomyłkę" in text
    assert await recipient.booked() > 0
    await recipient.appeal("appeal", lodged_on="2026-10-04")
    there = await recipient.ops.get(f"/v1/clients/{recipient.at_ops}/degressive-benefit")
    assert [one["decision"] for one in there["decisions"]] == ["approved", "appealed", "withdrawn", "appealed"]
    assert there["state"] == "appealed"
