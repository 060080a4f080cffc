"""What institutions tell each other: typed payloads, who may send which, and what a history makes of them.

``payloads`` holds one class per shape, ``types`` binds each event type to its shape and its row of
``permissions.csv``, ``history`` applies events to what is known of a person.
"""
