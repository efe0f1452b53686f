"""AIOpsLab waits seconds and minutes for real clusters; against the tests' own it need not."""

import os
import time

if os.environ.get("AIOPSLAB_TEST_HURRY"):
    pause = time.sleep
    factor = float(os.environ["AIOPSLAB_TEST_HURRY"])
    time.sleep = lambda seconds: pause(seconds * factor)
