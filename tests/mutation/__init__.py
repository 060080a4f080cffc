"""Does any test notice when the rule is wrong? ``./dev mutate`` changes the code that makes the amounts, bit by bit.

It stands with the tests because it is one: of the tests themselves. ``changes`` makes the mutants of a file, ``survey``
runs the tests against each, ``accepted.csv`` names those that are the same rule in other words, with the reason.
"""
