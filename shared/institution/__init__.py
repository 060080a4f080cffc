"""One institution, whichever it is: PUP and OPS are this program, given a frozen ``Institution`` value."""
