"""What a welfare centre's records must fit besides their own rules, and what it works out of them."""
