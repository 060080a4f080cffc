"""The catalogue over HTTP: every column of every row, rows that are asked for, refusals that name what there is."""

import csv
from pathlib import Path

from tests.builders import Office
from tests.institution.test_clients import problem

FILE = Path(__file__).resolve().parents[2] / "shared/domain/catalogue/forms.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines(), delimiter=";"))


async def test_the_catalogue_shows_every_row_with_all_its_columns(pup: Office) -> None:
    shown = await pup.get("/v1/catalogue/forms")
    assert [form["code"] for form in shown] == [row["code"] for row in ROWS]
    for form, row in zip(shown, ROWS, strict=True):
        for column in ("name_pl", "name_en", "group", "sphere", "instrument_type", "step", "unit_fields"):
            assert form[column] == row[column]
        assert (form["valid_from"] or "", form["valid_to"] or "") == (row["valid_from"], row["valid_to"])
        assert (form["effect"], form["duplicate_class"]) == (row["effect"], row["duplicate_class"])
        assert str(form["kept_months"] if form["kept_months"] is not None else "") == row["kept_months"]
        assert form["discloses"] == (row["discloses"] or "nothing")
        assert form["verified"] == (row["status"] == "found")
        assert (form["paid_to"] or "", form["paid_to_verified"]) == (row["paid_to"], row["paid_to_status"] == "found")


async def test_what_the_models_of_activation_name_stands_there_unverified(ops: Office) -> None:
    named = ("MIE-SOC", "WYS-PRO", "PEN-POM", "AI-K01", "AI-Z08", "AI-Z09", "AI-T03", "AI-T04", "AI-T05")
    for code in named:
        assert (await ops.get(f"/v1/catalogue/forms/{code}"))["verified"] is False


async def test_rows_are_found_by_who_gives_them_when_they_are_in_force_and_what_they_are(pup: Office) -> None:
    async def codes(query: str) -> set[str]:
        return {form["code"] for form in await pup.get(f"/v1/catalogue/forms?{query}")}

    assert await codes("given_by=ops&group=educational&step=training") == {
        row["code"]
        for row in ROWS
        if row["owner"] in ("both", "OPS", "OPS (PCPR)", "gmina", "NGO", "NGO/gmina")
        and (row["group"], row["step"]) == ("educational", "training")
    }
    integration = {"PUP-INT", "PUP-PAI"}
    assert integration & await codes("in_force=2025-05-31") == {"PUP-PAI"}
    assert integration & await codes("in_force=2025-06-01") == {"PUP-INT"}
    assert await codes("sphere=housing&group=tool") == {"MIE-UMO"}


async def test_a_word_that_no_row_has_is_refused_and_those_that_there_are_named(pup: Office) -> None:
    told = await pup.get("/v1/catalogue/forms?step=staircase", 422)
    assert told["field"] == "step"
    assert "supported employment" in told["expected"]


async def test_a_code_that_is_not_there_is_not_found(pup: Office) -> None:
    for code in ("XXX-YYY", "OPS-CASH"):
        assert problem(await pup.get(f"/v1/catalogue/forms/{code}", 404)) == "not-found"


async def test_a_code_out_of_its_dates_is_refused_with_the_dates(pup: Office) -> None:
    client = await pup.enrol(1)
    form = {"code": "PUP-INT", "from": "2025-05-31"}
    told = await pup.post(f"/v1/clients/{client}/support-forms", form, 422)
    assert (told["field"], told["expected"]) == ("from", "2025-06-01 to …")
    assert problem(told) == "code-out-of-dates"
