"""Says everything that a runner may say, and ends well."""

import json
import sys


def say(kind, **fields):
    print(
        json.dumps({"type": kind, "ts": "2026-11-23T12:00:00.000Z", **fields}),
        flush=True,
    )


request = json.loads(sys.stdin.readline())
say("ready", runner="test", version="1")
say("phase", phase="setup")
say(
    "session",
    environment="simulator",
    problem_id=request["problem_id"],
    description="d",
)
say("phase", phase="running")
for turn in range(2):
    say(
        "step",
        index=2 * turn,
        turn=turn,
        role="assistant",
        content=f"act {turn}",
        model_ms=1.5,
    )
    say(
        "step",
        index=2 * turn + 1,
        turn=turn,
        role="env",
        content="seen",
        environment_ms=2,
    )
    say("log", level="info", message=f"line {turn}", context={"turn": turn})
print("a plain line")
print("an error line", file=sys.stderr)
say("something_new", whatever=1)
say("phase", phase="grading")
say("metrics", values={"TTD": 1.25})
say("phase", phase="cleanup")
say("metrics", values={"TTD": 1.5, "steps": 2})
say("aiopslab_result", content={"agent": "test", "trace": "x" * (3 * 1024 * 1024)})
say(
    "result",
    environment="simulator",
    results={"Detection Accuracy": "Correct"},
    success=True,
    reward=1.0,
    reward_components={"detection": 1.0},
    stop_reason="submitted",
    steps=2,
    usage={"prompt_tokens": 7},
    phases={"setup": 0.5},
)
