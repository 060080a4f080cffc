"""The degressive benefit (*wsparcie degresywne*): it replaces, month by month less, what is lost on taking a job.

Pure: standard library and ``shared.domain`` only, dated figures as CSV, so that broker, office and outsider run the
same code. A case goes ``case.parse_case`` -> ``rule.work_out`` -> ``result.result_json`` and ``explain.explain``.
"""
