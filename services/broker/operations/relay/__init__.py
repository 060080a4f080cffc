"""The relay: what intake took is understood in order, and what others must know is put into their mailboxes."""
