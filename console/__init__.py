"""People: the command line, the launcher, configuration and reports."""
