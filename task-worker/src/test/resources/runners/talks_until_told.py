"""Logs a line every few milliseconds until the file that the problem id names is there."""

import json
import os
import sys
import time

request = json.loads(sys.stdin.readline())
number = 0
while not os.path.exists(request["problem_id"]):
    print(f"still there {number}", flush=True)
    number += 1
    time.sleep(0.005)
print(f"lines {number}")
print('{"type": "result", "results": {}, "success": true, "reward": 1, "steps": 0}')
