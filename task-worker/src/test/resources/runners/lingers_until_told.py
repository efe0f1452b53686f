"""Says its result, and goes only when the file that the problem id names is there."""

import json
import os
import sys
import time

request = json.loads(sys.stdin.readline())
print('{"type": "result", "results": {}, "success": true, "reward": 1, "steps": 0}', flush=True)
print("said", flush=True)
while not os.path.exists(request["problem_id"]):
    time.sleep(0.005)
