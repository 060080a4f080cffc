"""The books of the degressive benefit as the broker and every office keep them: rows that are only ever appended."""
