"""What an import understands of a file: its layout, its lines, and the records that they make. No database here."""
