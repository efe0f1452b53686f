"""A message of a known type that is not what the protocol says; then it waits to be ended."""

import time

print(
    '{"type": "step", "index": "zero", "turn": 0, "role": "assistant", "content": ""}',
    flush=True,
)
time.sleep(3600)
