"""A stand-in for AIOpsLab: its surface, as far as the runner leans on it, and little behind it.

Same modules, names, parameters and order of events; test_real_aiopslab.py holds it against the
real one. The cluster is what the programs on the PATH say it is.
"""
