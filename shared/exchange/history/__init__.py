"""What is known of shared people: the records of each author, kept beside one's own, at members and broker alike."""
