"""The vocabulary of labour offices and welfare centres; imports the standard library alone."""
