"""The verbs of the command line: what each is called with, and what it answers."""
