"""Makes the users of definitions.json at a broker, and imports it, over the management API.

    setup.py --url http://rabbitmq:15672 --admin admin --passwords DIRECTORY [--queue-type quorum]

DIRECTORY has a file for each user, named for it, with the password in it; also one for the admin.
May be repeated at any time: passwords are set, what is there stays. Standard library only.
"""

import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

# Reads figures of queues, for scaling and dashboards; no message.
MONITOR = "aiopslab_monitor"
PATIENCE_SECONDS = 180


class Broker:
    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url.rstrip("/")
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            self._url + "/api" + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self._authorization, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def set_queue_type(self, virtual_host: str, queue_type: str) -> None:
        # The second key is how RabbitMQ called it before 3.12.
        wanted = {"default_queue_type": queue_type, "defaultqueuetype": queue_type}
        self.call("PUT", f"/vhosts/{virtual_host}", wanted)
        got = self.call("GET", f"/vhosts/{virtual_host}").get("default_queue_type")
        if queue_type != "classic" and got != queue_type:
            sys.exit(
                f"virtual host {virtual_host} makes queues of type {got}, not {queue_type}, and the"
                " broker does not change that: delete it while it is empty, and run this again"
            )

    def await_ready(self) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.call("GET", "/overview")
            except urllib.error.HTTPError as reason:
                sys.exit(f"{self._url} answers {reason.code}: check the admin and its password")
            except OSError as reason:
                if time.monotonic() > end:
                    sys.exit(f"{self._url} does not answer ({reason}); is the management plugin on?")
                time.sleep(2)


def password(directory: Path, user: str) -> str:
    file = directory / user
    try:
        text = file.read_text().strip()
    except OSError as reason:
        sys.exit(f"cannot read the password of {user}: {reason}")
    return text or sys.exit(f"{file} is empty; write the password of {user} into it")


def main() -> None:
    parser = argparse.ArgumentParser(description="Users and definitions at a broker")
    parser.add_argument("--url", required=True)
    parser.add_argument("--admin", required=True)
    parser.add_argument("--passwords", required=True, type=Path)
    parser.add_argument("--definitions", type=Path, default=Path(__file__).parent / "definitions.json")
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default="classic")
    options = parser.parse_args()

    definitions = json.loads(options.definitions.read_text())
    broker = Broker(options.url, options.admin, password(options.passwords, options.admin))
    broker.await_ready()
    for virtual_host in definitions["vhosts"]:
        virtual_host["default_queue_type"] = options.queue_type
        broker.set_queue_type(virtual_host["name"], options.queue_type)
    if options.queue_type == "quorum":
        for queue in definitions["queues"]:
            # What is imported does not follow the virtual host's default; what services declare does.
            queue["arguments"]["x-queue-type"] = "quorum"
    users = sorted({permission["user"] for permission in definitions["permissions"]} | {MONITOR})
    for user in users:
        tags = "monitoring" if user == MONITOR else ""
        secret = password(options.passwords, user)
        broker.call("PUT", f"/users/{user}", {"password": secret, "tags": tags})
    broker.call("POST", "/definitions", definitions)
    nothing = {"configure": "^$", "write": "^$", "read": "^$"}
    for virtual_host in definitions["vhosts"]:
        broker.call("PUT", f"/permissions/{virtual_host['name']}/{MONITOR}", nothing)
    print(f"{options.url}: users {', '.join(users)}; definitions imported")


if __name__ == "__main__":
    main()
