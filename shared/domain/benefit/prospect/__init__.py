"""A job in prospect: what it would pay, what would become of each benefit, and the schedule that would follow.

All of it is worked out before anything happens: a caseworker enters a wage and hours, the law's dated figures and the
facts of the household do the rest. What is not known is named, never guessed.
"""
