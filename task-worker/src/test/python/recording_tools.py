"""`kubectl`, `helm`, `docker` and `kind` that record every call and pretend to have a cluster.

As a module: makes a folder of them for a PATH. As a program: one of them, called by its name.
A port-forward is a real local port that answers with the cluster's name.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
import sys
import time
from pathlib import Path
from typing import Any

Call = dict[str, Any]
PROGRAMS = ("kubectl", "helm", "docker", "kind")
SEPARATOR = "\x1f"
SURROUNDINGS = ("KUBECONFIG", "AIOPSLAB_CLUSTER", "HOME", "TMPDIR")


class RecordingTools:
    """One folder for all clusters of a test: `calls` tells who called what."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self._record = folder / "calls.jsonl"
        self._folder = folder
        self.bin.mkdir(parents=True)
        for name in PROGRAMS:
            program = self.bin / name
            program.write_text(_script(folder, name))
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def calls(self) -> list[Call]:
        if not self._record.exists():
            return []
        lines = (line.lstrip(SEPARATOR) for line in self._record.read_text().split("\n"))
        return [_call(line) for line in lines if line]

    def commands(self) -> list[str]:
        return [" ".join([call["program"], *call["arguments"]]) for call in self.calls()]

    def slow_down(self, words: str, seconds: float) -> None:
        """Commands in which these words occur take as long from here on."""
        with (self._folder / "slow").open("a") as file:
            file.write(json.dumps([words, seconds]) + "\n")

    def fail(self, words: str, error: str, status: int = 1) -> None:
        """Commands in which these words occur say this, and fail, from here on."""
        with (self._folder / "failing").open("a") as file:
            file.write(json.dumps([words, error, status]) + "\n")

    def set_application(self, replicas: dict[str, tuple[int, int]], served: list[str]) -> None:
        """Deployments with the replicas that they want and have, Services with an endpoint."""
        items: list[Call] = [
            {
                "kind": "Deployment",
                "metadata": {"name": name},
                "spec": {"replicas": wanted},
                "status": {"availableReplicas": there},
            }
            for name, (wanted, there) in replicas.items()
        ]
        for name in served:
            subsets = [{"addresses": [{"ip": "10.0.0.1"}]}]
            items.append({"kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets})
        (self._folder / "application.new").write_text(json.dumps({"items": items}))
        (self._folder / "application.new").rename(self._folder / "application")

    def ended(self) -> list[str]:
        """The commands that came to their own end."""
        record = self._folder / "ended"
        return record.read_text().splitlines() if record.exists() else []

    def kill(self, cluster: str) -> None:
        """From here on the cluster's API server refuses connections."""
        (self._folder / f"dead-{cluster}").touch()


def _script(folder: Path, program: str) -> str:
    """
    The shell answers what is asked most, in a tenth of the time that Python takes to start; the
    rest, and everything once a test wants tools slow, failing or dead, is left to `main`.
    """
    python = f"exec {sys.executable} -I -S {__file__} {shlex.quote(str(folder))} {program}"
    return f"""#!/bin/sh
folder={shlex.quote(str(folder))}
unusual() {{
  {python} "$@"
}}
newline='
'
[ {program} != docker ] && [ "$#" -lt 30 ] || unusual "$@"
[ ! -e "$folder/slow" ] && [ ! -e "$folder/failing" ] || unusual "$@"
for word; do
  case $word in
    port-forward | *.yaml | deployments,* | *"$newline"* | *"{SEPARATOR}"*) unusual "$@" ;;
  esac
done
cluster= config=
[ ! -r "$KUBECONFIG" ] || read -r config <"$KUBECONFIG"
case $config in
  *'"current-context": "kind-'*)
    cluster=${{config#*'"current-context": "kind-'}}
    cluster=${{cluster%%'"'*}}
    ;;
esac
[ ! -e "$folder/dead-$cluster" ] || unusual "$@"
printf '%s{SEPARATOR}' {program} "$cluster" "$PWD" \\
  {" ".join(f'"${{{name}+=}}${{{name}-}}"' for name in SURROUNDINGS)} "$@" "$newline" \\
  >>"$folder/calls.jsonl"
echo {program} "$@" >>"$folder/ended"
case " $* " in
  *" --raw=/readyz "*) echo ok ;;
  " get namespace "*) echo "Error from server (NotFound)" >&2; exit 1 ;;
  " get pods "*) echo "hotel-0 Running" ;;
  " status "*) [ {program} != helm ] || echo "STATUS: deployed" ;;
esac
"""


def _call(line: str) -> Call:
    """A call as `main` has written it, in JSON, or the shell, separated."""
    if line.startswith("{"):
        call: Call = json.loads(line)
        return call
    program, context, folder, *rest = line.removesuffix(SEPARATOR).split(SEPARATOR)
    surroundings = {
        name: value[1:] if value else None for name, value in zip(SURROUNDINGS, rest, strict=False)
    }
    return {
        "program": program,
        "arguments": rest[len(SURROUNDINGS) :],
        "context": context,
        "folder": folder,
        **surroundings,
    }


def main(folder: Path, program: str, arguments: list[str]) -> int:
    cluster = current_context(os.environ.get("KUBECONFIG", ""))
    call = {
        "program": program,
        "arguments": arguments,
        "context": cluster,
        "folder": os.getcwd(),
        **{name: os.environ.get(name) for name in SURROUNDINGS},
    }
    for word in arguments:
        if word.endswith(".yaml") and os.path.isfile(word):
            call["manifest"] = Path(word).read_text()
    append(folder / "calls.jsonl", json.dumps(call))
    if (folder / "slow").exists():
        for line in (folder / "slow").read_text().splitlines():
            words, seconds = json.loads(line)
            time.sleep(seconds if words in " ".join([program, *arguments]) else 0)
    append(folder / "ended", " ".join([program, *arguments]))
    if (folder / "failing").exists():
        for line in (folder / "failing").read_text().splitlines():
            words, error, status = json.loads(line)
            if words in " ".join([program, *arguments]):
                print(error, file=sys.stderr)
                return status
    if program != "docker" and (folder / f"dead-{cluster}").exists():
        print("The connection to the server was refused", file=sys.stderr)
        return 1
    if "deployments,statefulsets,services,endpoints" in arguments:
        application = folder / "application"
        print(application.read_text() if application.exists() else "")
        return 0
    return answer(program, arguments, cluster)


def append(file: Path, line: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def answer(program: str, arguments: list[str], cluster: str) -> int:
    if arguments[:1] == ["port-forward"]:
        serve(cluster, next(word for word in arguments if ":" in word))
    elif program == "docker" and arguments[:1] == ["exec"]:
        print(f"in {arguments[1]}: {arguments[-1]}")
    elif program == "helm" and arguments[:1] == ["status"]:
        print("STATUS: deployed")
    elif "--raw=/readyz" in arguments:
        print("ok")
    elif arguments[:2] == ["get", "namespace"]:
        print("Error from server (NotFound)", file=sys.stderr)
        return 1
    elif arguments[:2] == ["get", "pods"]:
        print("hotel-0 Running")
    return 0


def current_context(kubeconfig: str) -> str:
    """The cluster's name, from a kubeconfig that is written as JSON (which is YAML)."""
    try:
        return json.loads(Path(kubeconfig).read_text())["current-context"].partition("kind-")[2]
    except (OSError, ValueError):
        return ""


def serve(cluster: str, ports: str) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"telemetry of {cluster}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    local, _, remote = ports.partition(":")
    server = HTTPServer(("127.0.0.1", int(local or 0)), Handler)
    print(f"Forwarding from 127.0.0.1:{server.server_port} -> {remote}", flush=True)
    server.serve_forever()


def kubeconfig_of(cluster: str, server: str = "http://127.0.0.1:9") -> str:
    """A kubeconfig with one context, as the worker writes it, in JSON."""
    name = f"kind-{cluster}"
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": server}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
            "users": [{"name": name, "user": {"token": "none"}}],
        }
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
