"""Pages for people: templates, their one style sheet, and the words for what records hold, Polish and English."""
