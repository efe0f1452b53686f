"""Ends without saying how the run went."""

import sys

print("Traceback: the cluster is not there", file=sys.stderr)
sys.exit(3)
