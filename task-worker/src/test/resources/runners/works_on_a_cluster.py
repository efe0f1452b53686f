"""Does what the file that the problem id names says, then tells what it could see.

write: {path: text, …}; wait_for: path; say: members of the last message, a result unless said.
"""

import json
import os
import pathlib
import sys
import time

request = json.loads(sys.stdin.readline())
wish = json.loads(pathlib.Path(request["problem_id"]).read_text())
for path, text in wish.get("write", {}).items():
    pathlib.Path(path).write_text(text)
kubeconfig = pathlib.Path(os.environ.get("KUBECONFIG", ""))
if kubeconfig.is_file():
    print(f"kubeconfig {kubeconfig.stat().st_mode & 0o777:o}", flush=True)
    print(kubeconfig.read_text(), flush=True)
while "wait_for" in wish and not os.path.exists(wish["wait_for"]):
    time.sleep(0.01)
last = {"type": "result", "results": {}, "success": True, "reward": 1, "steps": 0}
word = wish.get("say", last)
if "attestation" in word:
    print(json.dumps({"type": "attestation", "facts": word.pop("attestation")}))
print(json.dumps(word))
