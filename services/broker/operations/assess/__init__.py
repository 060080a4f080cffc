"""Assessment: what the members told about a recipient who took a job becomes a schedule, and late news corrects it.

News marks a person dirty. The person is assessed once nothing waits to be relayed, or half a minute later at the
latest, at most once in ``assess_interval_s``, and the outcome is published only if the ledger, its completeness or its
discrepancies change.
"""
