"""The batch engine: the degressive benefit of many cases at once, on columns, with the very outcome of the rule.

Cases with one start at one wage go through a kernel, in NumPy or compiled by Numba; every other case goes through
``shared.domain.benefit.rule``, which is also the oracle of the kernels. See docs/decisions/0013.
"""
