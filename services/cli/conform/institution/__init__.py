"""The kit plays an institution: it calls the broker under test, rightly and wrongly."""
