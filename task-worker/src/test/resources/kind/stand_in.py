#!/usr/bin/env -S python3 -IS
"""Stands in for kind, kubectl, helm and docker: it acts as the one whose name it was called by.

Link or copy it as `kind`, `kubectl`, `helm` and `docker` into a directory and put that first on the PATH.
Everything it knows is in the directory `state` beside that directory, as small files that a test
may read and change at any time; whatever is not there has its default:

    state/record.jsonl                   one line per call: tool, argv, cwd, environment
    state/kind-create                    `hanging` or `failing`: what `kind create cluster` does
    state/clusters/N/                    the Kind cluster N exists
    state/clusters/N/api                 `ok`; `broken` refuses, `hanging` never answers,
                                         `slow 0.5` answers after so many seconds
    state/clusters/N/nodes/NODE          `Ready` or `NotReady`
    state/clusters/N/namespaces/NAME     `Active`; `Terminating LOOKS` is gone after so many looks
    state/clusters/N/lingering           looks that a deleted namespace stays for: 1; `never` ends
    state/clusters/N/volumes/NAME        JSON: `namespace` of the claim, `class`, `policy`, and `freed`:
                                         looks until its provisioner has deleted it, which goes on
                                         only while the namespace `openebs` is there
    state/clusters/N/classes/NAME        a storage class
    state/clusters/N/definitions/NAME    a custom resource definition
    state/clusters/N/annotations         of the namespace kube-system, as JSON
    state/clusters/N/image               the image of the nodes
    state/clusters/N/identity            made anew at each creation; a kubeconfig of an earlier
                                         cluster of that name is refused
    state/clusters/N/exec.jsonl          what `docker exec` was to run in a node

To teach it another verb, write a function that takes a Call and enter it in VERBS; the longest
beginning of the words that are no options is looked up there.
"""

import json
import os
import pathlib
import sys
import time

STATE = pathlib.Path(os.path.abspath(sys.argv[0])).parent.parent / "state"
RECORDED = (
    "KUBECONFIG", "HOME", "TMPDIR", "AIOPSLAB_CLUSTER", "DOCKER_HOST", "KIND_EXPERIMENTAL_PROVIDER"
)  # fmt: skip
WITH_VALUE = {
    "kind": {"--name", "--config", "--kubeconfig", "--wait", "--image"},
    "kubectl": {"--kubeconfig", "--context", "--cache-dir", "--request-timeout", "--timeout",
                "--namespace", "--output", "-n", "-o", "-f"},
    "helm": {"--namespace", "-n"},
    "docker": {"--format", "-f", "--workdir", "-w", "--user", "-u", "--env", "-e"},
}  # fmt: skip


class Refused(Exception):
    """The tool says this on standard error and ends with status 1."""


class Call:
    """The words and the options of one call."""

    def __init__(self, tool, arguments):
        self.words, self.options = [], {}
        rest = list(arguments)
        while rest:
            word = rest.pop(0)
            if not word.startswith("-"):
                self.words.append(word)
                if tool == "docker" and self.words[0] == "exec" and len(self.words) == 2:
                    self.words += rest  # the command's own options are not docker's
                    break
            elif "=" in word:
                name, value = word.split("=", 1)
                self.options[name] = value
            else:
                self.options[word] = rest.pop(0) if word in WITH_VALUE[tool] else True


def read(path, default):
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return default


def existing(name):
    directory = STATE / "clusters" / name
    if not directory.is_dir():
        raise Refused(f"ERROR: no such cluster: {name}")
    return directory


def write_whole(path, text):
    """Puts a file in place so that nobody sees a part of it."""
    fresh = STATE / f"{path.name}.{os.getpid()}"
    fresh.write_text(text)
    fresh.replace(path)


# kind


def kind_version(call):
    print("kind v0.30.0 go1.24.6 linux/amd64")


def kind_get_clusters(call):
    root = STATE / "clusters"
    names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if names:
        print("\n".join(names))
    else:
        print("No kind clusters found.", file=sys.stderr)


def kind_create_cluster(call):
    name = call.options.get("--name", "kind")
    mode = read(STATE / "kind-create", "")
    if mode == "failing":
        raise Refused("ERROR: failed to create cluster: no space left on device")
    if (STATE / "clusters" / name).exists():
        raise Refused(f"ERROR: failed to create cluster: node(s) already exist for '{name}'")
    config = call.options.get("--config")
    if config and not os.path.exists(config):
        raise Refused(f"ERROR: failed to create cluster: error reading file: open {config}")
    directory = STATE / "clusters" / name
    directory.mkdir(parents=True)  # as Kind's containers are there before the cluster is
    if mode == "hanging":
        time.sleep(3600)
    (directory / "identity").write_text(os.urandom(16).hex())
    (directory / "nodes").mkdir()
    (directory / "nodes" / f"{name}-control-plane").write_text("Ready")
    (directory / "namespaces").mkdir()
    for namespace in ("default", "kube-system", "local-path-storage"):
        (directory / "namespaces" / namespace).write_text("Active")
    if "--kubeconfig" in call.options:
        pathlib.Path(call.options["--kubeconfig"]).write_text(kubeconfig(name))
    print(f'Creating cluster "{name}" ...\nSet kubectl context to "kind-{name}"')


def kind_delete_cluster(call):
    directory = STATE / "clusters" / call.options.get("--name", "kind")
    if directory.is_dir():
        # By one name change, so that nobody finds half a cluster.
        grave = STATE / f"deleted-{os.urandom(16).hex()}"
        directory.rename(grave)
    print(f'Deleting cluster "{call.options.get("--name", "kind")}" ...', file=sys.stderr)


def kind_get_kubeconfig(call):
    print(kubeconfig(call.options.get("--name", "kind")))


def kubeconfig(name):
    identity = read(existing(name) / "identity", "")
    if not identity:
        raise Refused("ERROR: failed to get cluster internal kubeconfig")
    return f"""\
apiVersion: v1
kind: Config
current-context: kind-{name}
clusters:
- name: kind-{name}
  cluster: {{server: 'https://127.0.0.1:6443'}}
users:
- name: kind-{name}
  user: {{token: {identity}}}
contexts:
- name: kind-{name}
  context: {{cluster: kind-{name}, user: kind-{name}}}
"""


# kubectl


def answering(call):
    """The directory of the cluster that the kubeconfig and the context name."""
    path = call.options.get("--kubeconfig", os.environ.get("KUBECONFIG", ""))
    text = read(pathlib.Path(path), "")
    context = call.options.get("--context") or value_in(text, "current-context: ")
    if f"- name: {context}\n" not in text:
        raise Refused(f'error: context "{context}" does not exist')
    directory = STATE / "clusters" / context.removeprefix("kind-")
    mode = read(directory / "api", "ok" if directory.is_dir() else "broken")
    if mode == "hanging":
        time.sleep(3600)
    if mode.startswith("slow "):
        time.sleep(float(mode.split()[1]))
    if mode == "broken":
        raise Refused("The connection to the server 127.0.0.1:6443 was refused")
    if value_in(text, "user: {token: ").rstrip("}") != read(directory / "identity", ""):
        raise Refused("error: You must be logged in to the server (Unauthorized)")
    return directory


def value_in(text, key):
    return next((line.split(key, 1)[1] for line in text.splitlines() if key in line), "")


def kubectl_version(call):
    print("Client Version: v1.34.0\nKustomize Version: v5.7.1")


def kubectl_get_state(call):
    directory = answering(call)
    items = [node(path) for path in sorted((directory / "nodes").iterdir())]
    for path in sorted((directory / "namespaces").iterdir()):
        phase = phase_at_this_look(path)
        if phase:
            items.append(namespace(path.name, phase))
            if path.name == "kube-system":
                annotations = json.loads(read(directory / "annotations", "{}"))
                items[-1]["metadata"]["annotations"] = annotations
    for path in files(directory / "volumes"):
        volume = json.loads(read(path, "{}"))
        claimed_from = directory / "namespaces" / volume.get("namespace", "none")
        if not claimed_from.exists() and (directory / "namespaces/openebs").exists():
            volume["freed"] = volume.get("freed", 1000000) - 1
            write_whole(path, json.dumps(volume))
        if volume.get("freed", 1) <= 0:
            path.unlink()
            continue
        items.append(persistent_volume(path.name, volume))
    for path in files(directory / "classes"):
        items.append({"kind": "StorageClass", "metadata": {"name": path.name}})
    print(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def files(directory):
    return sorted(directory.iterdir()) if directory.is_dir() else []


def persistent_volume(name, volume):
    return {
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "claimRef": {"namespace": volume.get("namespace", ""), "name": "claim"},
            "storageClassName": volume.get("class", ""),
            "persistentVolumeReclaimPolicy": volume.get("policy", "Retain"),
        },
    }


def kubectl_get_definitions(call):
    for path in files(answering(call) / "definitions"):
        print(f"customresourcedefinition.apiextensions.k8s.io/{path.name}")


def kubectl_annotate_namespace(call):
    file = answering(call) / "annotations"
    annotations = json.loads(read(file, "{}"))
    for word in call.words[3:]:
        name, equals, value = word.partition("=")
        if equals:
            annotations[name] = value
        else:
            annotations.pop(name.removesuffix("-"), None)
    write_whole(file, json.dumps(annotations))


def kubectl_delete_object(call):
    directory = answering(call)
    folder = {
        "persistentvolume": "volumes",
        "storageclass": "classes",
        "customresourcedefinition": "definitions",
    }[call.words[1]]
    for name in call.words[2:]:
        (directory / folder / name).unlink(missing_ok=True)


def phase_at_this_look(path):
    phase, _, looks = read(path, "").partition(" ")
    if phase == "Terminating" and looks != "never":
        if int(looks or 0) <= 0:
            path.unlink(missing_ok=True)
            return ""
        write_whole(path, f"Terminating {int(looks) - 1}")
    return phase


def node(path):
    control = path.name.endswith("-control-plane")
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": path.name,
            "labels": {"node-role.kubernetes.io/control-plane": ""} if control else {},
        },
        "status": {
            "conditions": [
                {"type": "MemoryPressure", "status": "False"},
                {"type": "Ready", "status": str(read(path, "Ready") == "Ready")},
            ],
            "nodeInfo": {
                "kubeletVersion": "v1.34.0",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "containerRuntimeVersion": "containerd://2.1.3",
            },
        },
    }


def namespace(name, phase):
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name},
        "status": {"phase": phase},
    }


def kubectl_delete_namespace(call):
    directory = answering(call)
    for name in call.words[2:]:
        path = directory / "namespaces" / name
        if path.exists():
            if not read(path, "").startswith("Terminating"):
                write_whole(path, "Terminating " + read(directory / "lingering", "1"))
            print(f'namespace "{name}" deleted')
        elif "--ignore-not-found" not in call.options:
            raise Refused(f'Error from server (NotFound): namespaces "{name}" not found')


def kubectl_get_anything(call):
    """What a problem asks of a cluster: it answers, and has what it should have."""
    answering(call)
    print("ok" if "--raw" in call.options else "pod-0 Running")


def kubectl_get_namespace(call):
    path = answering(call) / "namespaces" / call.words[2]
    phase = phase_at_this_look(path) if path.exists() else ""
    if not phase:
        raise Refused(f'Error from server (NotFound): namespaces "{path.name}" not found')
    print(f"{path.name} {phase}")


def kubectl_create_namespace(call):
    directory = answering(call)
    for name in call.words[2:]:
        write_whole(directory / "namespaces" / name, "Active")


def anything(call):
    answering(call)


# docker


def container(call):
    """The directory of the cluster whose node a container is."""
    name = call.words[1]
    directory = STATE / "clusters" / name.removesuffix("-control-plane")
    if not (directory / "nodes" / name).exists():
        raise Refused(f"Error: No such container: {name}")
    return directory


def docker_inspect(call):
    print(read(container(call) / "image", "kindest/node:v1.34.0"))


def docker_exec(call):
    with open(container(call) / "exec.jsonl", "a") as file:
        file.write(json.dumps(call.words[2:]) + "\n")


VERBS = {
    ("kind", "version"): kind_version,
    ("kind", "get", "clusters"): kind_get_clusters,
    ("kind", "get", "kubeconfig"): kind_get_kubeconfig,
    ("kind", "create", "cluster"): kind_create_cluster,
    ("kind", "delete", "cluster"): kind_delete_cluster,
    ("kubectl", "version"): kubectl_version,
    ("kubectl", "get", "nodes,namespaces,persistentvolumes,storageclasses"): kubectl_get_state,
    ("kubectl", "get", "customresourcedefinitions"): kubectl_get_definitions,
    ("kubectl", "annotate", "namespace"): kubectl_annotate_namespace,
    ("kubectl", "delete", "namespace"): kubectl_delete_namespace,
    ("kubectl", "delete", "persistentvolume"): kubectl_delete_object,
    ("kubectl", "delete", "storageclass"): kubectl_delete_object,
    ("kubectl", "delete", "customresourcedefinition"): kubectl_delete_object,
    ("kubectl", "create", "namespace"): kubectl_create_namespace,
    ("kubectl", "get", "namespace"): kubectl_get_namespace,
    ("kubectl", "get"): kubectl_get_anything,
    ("kubectl", "apply"): anything,
    ("kubectl", "delete"): anything,
    ("helm", "install"): anything,
    ("helm", "uninstall"): anything,
    ("docker", "inspect"): docker_inspect,
    ("docker", "exec"): docker_exec,
}


def record(tool, arguments):
    line = {
        "tool": tool,
        "argv": arguments,
        "cwd": os.getcwd(),
        "environment": {name: os.environ[name] for name in RECORDED if name in os.environ},
        "variables": sorted(os.environ),
    }
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "record.jsonl", "a") as file:
        file.write(json.dumps(line) + "\n")


def main():
    tool, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
    record(tool, arguments)
    call = Call(tool, arguments)
    for length in (2, 1):  # after the tool's name
        verb = VERBS.get((tool, *call.words[:length]))
        if verb:
            try:
                verb(call)
                return 0
            except Refused as refusal:
                print(refusal, file=sys.stderr)
                return 1
    print(f"{tool}: the stand-in knows no verb {call.words[:2]}; see VERBS", file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main())
