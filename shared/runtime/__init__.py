"""What any process needs: settings, database, clock, problems, logging, metrics, bearer tokens."""
