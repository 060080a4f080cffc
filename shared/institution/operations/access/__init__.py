"""Who looked at a person, who asked, and what left the office and why."""
