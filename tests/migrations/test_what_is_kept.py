"""What stood in a database before a revision is still there after it."""

import sqlite3
from pathlib import Path

from shared.runtime.database.migrate import downgrade, migrate

CASES = [("c1", "t1", "decided", "A1"), ("c2", "t2", "open", None), ("c3", "t3", "refused", "A3")]
ENTRIES = [("c1", "2026-03", "A1", 100, "booked"), ("c1", "2026-04", "A1", 80, "booked"),
           ("c1", "2026-03", "A2", -30, "proposed")]  # fmt: skip


def test_cases_decisions_and_booked_entries_outlive_the_second_revision_and_the_way_back(tmp_path: Path) -> None:
    path = tmp_path / "broker.sqlite3"
    url = f"sqlite:///{path}"
    migrate("broker", url, "0001")
    with sqlite3.connect(path) as db:
        for case_id, token, state, decided in CASES:
            values = (case_id, token, "pup-2478", "2026-03-01", state, "2026-03-02 00:00:00", decided, decided)
            db.execute(
                "INSERT INTO benefit_case (id, token, owner, first_start, state, assessed_at, latest, decided) "
                "VALUES (?,?,?,?,?,?,?,?)",
                values,
            )
            if decided:
                db.execute(
                    "INSERT INTO assessment (id, case_id, number, kind, result_hash, complete, open_discrepancies, "
                    "result, \"case\", versions, inputs, made_at) VALUES (?,?,1,'made',?,1,0,'{}','{}','{}','[]',?)",
                    (decided, case_id, decided.lower(), "2026-03-02 00:00:00"),
                )
        db.executemany(
            "INSERT INTO ledger (case_id, month, institution, assessment_id, amount_gr, state, booked_at) "
            "VALUES (?,?,'pup-2478',?,?,?,'2026-03-02 00:00:00')",
            ENTRIES,
        )
    db.close()
    migrate("broker", url)
    db = sqlite3.connect(path)
    cases = db.execute("SELECT id, number, tokens, state FROM benefit_case ORDER BY id").fetchall()
    assert cases == [
        ("c1", 1, '["t1"]', "approved"),
        ("c2", 1, '["t2"]', "proposed"),
        ("c3", 1, '["t3"]', "refused"),
    ]
    decisions = db.execute("SELECT case_id, kind, assessment_id, result_hash FROM case_decision ORDER BY case_id")
    assert decisions.fetchall() == [("c1", "approved", "A1", "a1"), ("c3", "refused", "A3", "a3")]
    booked = db.execute("SELECT number, month, amount_gr FROM ledger ORDER BY number").fetchall()
    assert booked == [(1, "2026-03", 100), (2, "2026-04", 80)]
    db.close()
    downgrade("broker", url, "0001")
    db = sqlite3.connect(path)
    assert db.execute("SELECT id, state, decided FROM benefit_case ORDER BY id").fetchall() == [
        ("c1", "decided", "A1"),
        ("c2", "open", None),
        ("c3", "refused", "A3"),
    ]
    assert db.execute("SELECT SUM(amount_gr), MIN(state) FROM ledger").fetchone() == (180, "booked")
    db.close()


def test_a_registration_outlives_the_revision_that_asks_for_its_start_reason(tmp_path: Path) -> None:
    path = tmp_path / "pup.sqlite3"
    url = f"sqlite:///{path}"
    migrate("pup", url, "0002")
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO client (id, pesel, pesel_index, surname, given_names, case_number, basis, token, enrolled_at, "
            "state, generation, members, recorded, version, created_at, updated_at) "
            "VALUES ('c1', 'x', x'00', 'x', 'x', 'x', 'consent', 't1', 0, 'active', 0, '[]', 0, 1, 0, 0)"
        )
        db.execute(
            "INSERT INTO registration (id, client_id, state, version, from_day, reason, created_at, updated_at) "
            "VALUES ('r1', 'c1', 'closed', 2, '2024-10-01', 'job_taken', 0, 0)"
        )
    db.close()
    migrate("pup", url)
    db = sqlite3.connect(path)
    kept = db.execute("SELECT id, from_day, start_reason, reason FROM registration").fetchall()
    assert kept == [("r1", "2024-10-01", "other", "job_taken")]
    db.close()
    downgrade("pup", url, "0002")
    db = sqlite3.connect(path)
    assert db.execute("SELECT id, reason FROM registration").fetchall() == [("r1", "job_taken")]
    db.close()
