#!/usr/bin/env python3
"""A worker in nothing but the standard library: python3 http_worker.py http://localhost:8000 my-worker

Replace run() with what your worker does. Everything sent may be sent again: the service knows a repeat.
"""
import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

BASE, NAME = sys.argv[1].rstrip("/") + "/api/v1/workers", sys.argv[2]
BACKEND = sys.argv[3] if len(sys.argv) > 3 else "default"
INCARNATION = str(uuid.uuid4())
RUNNING = {}  # id of each task that runs here -> the event that tells it to stop
ENDING = threading.Event()


class Lost(Exception):
    """The task, or the worker's name, belongs to somebody else now."""


def call(path, body):
    """Repeats until the service has answered; that is safe for every call."""
    data = json.dumps(body).encode()
    for attempt in range(60):
        request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read() or "{}")
            if error.code == 409:
                raise Lost(problem.get("error"))
            if error.code < 500:
                raise RuntimeError(problem)
            wait = float(error.headers.get("Retry-After") or 1)
        except OSError:
            wait = min(5, 0.2 * 2**attempt)
        time.sleep(wait)
    raise RuntimeError("the service does not answer")


def beat(interval):
    while not ENDING.wait(interval):
        answer = call(f"/{NAME}/heartbeat", {"incarnation": INCARNATION, "task_ids": list(RUNNING)})
        for task_id in answer["cancel"]:
            if task_id in RUNNING:
                RUNNING[task_id].set()
        if answer["taken_over"]:
            ENDING.set()


class Report:
    """What one run says. Lines and steps are counted here, and nothing else has to be."""

    def __init__(self, claimed):
        self.path = f"/{NAME}/tasks/{claimed['task']['id']}"
        self.session, self.lines, self.messages = claimed["session_id"], 0, 0

    def send(self, what, **body):
        return call(self.path + what, {"session_id": self.session, **body})

    def log(self, *messages):
        lines = [{"level": "info", "message": message} for message in messages]
        self.send("/logs", first_seq=self.lines, lines=lines)
        self.lines += len(lines)

    def step(self, *messages):
        steps = [{"index": self.messages + i, "role": role, "content": content}
                 for i, (role, content) in enumerate(messages)]
        self.send("/steps", steps=steps)
        self.messages += len(steps)

    def end(self, how, **body):
        self.send(how, log_lines=self.lines, steps=self.messages // 2, **body)


def run(task, report, stop):
    """Stands in for real work: takes agent_config.seconds, and fails if agent_config.fail says why."""
    report.send("/progress", phase="running")
    report.log(f"running {task['problem_id']}", f"at most {task['max_steps']} steps")
    if stop.wait(task["agent_config"].get("seconds", 0)):
        return "/cancelled", {}
    if "fail" in task["agent_config"]:
        return "/fail", {"failure_code": "agent_error", "error_details": task["agent_config"]["fail"]}
    report.step(("assistant", "submit(\"yes\")"), ("env", "correct"))
    return "/complete", {"result": {"answer": "yes"}, "success": True, "reward": 1.0, "stop_reason": "submitted"}


def work(claimed):
    task, report = claimed["task"], Report(claimed)
    stop = RUNNING[task["id"]] = threading.Event()
    try:
        try:
            how, body = run(task, report, stop)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            how, body = "/fail", {"error_details": f"{type(error).__name__}: {error}"}
        report.end(how, **body)
    except Lost as lost:
        print(lost, flush=True)
    finally:
        del RUNNING[task["id"]]


def main():
    registration = call("/register", {"id": NAME, "backend_type": BACKEND, "incarnation": INCARNATION})
    threading.Thread(target=beat, args=(registration["heartbeat_interval_seconds"],), daemon=True).start()
    print("registered", flush=True)
    while not ENDING.is_set():
        session = str(uuid.uuid4())  # made here, so that a repeated claim gives the same task
        claimed = call(f"/{NAME}/claim?wait=5s", {"incarnation": INCARNATION, "session_id": session})
        if claimed:
            work(claimed)
    call(f"/{NAME}/sign-off", {"incarnation": INCARNATION})


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: ENDING.set())
    main()
