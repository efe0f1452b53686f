"""A cluster whose objects really change, at the edge that AIOpsLab sees: its API, kubectl, helm.

    python cluster_server.py      # in the Python that AIOpsLab is installed for; prints its port

Deployments have pods that are Pending, crash or are ready by what their specs say; claims bind
volumes by Kubernetes' rules, so that a released one binds no more; users of a database lie on the
node's disk, which outlives namespaces. `faults` says which of AIOpsLab's faults are there now.
Nothing is kept when it ends. POST /stand-in/run is one call of a program; POST /stand-in/control
changes how the cluster behaves; GET /stand-in/state tells what a test wants to know.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import yaml

Object = dict[str, Any]
CLUSTER_WIDE = {
    "namespaces", "persistentvolumes", "storageclasses", "nodes", "clusterroles",
    "clusterrolebindings", "customresourcedefinitions",
}  # fmt: skip
SHORT = {
    "pv": "persistentvolumes", "pvc": "persistentvolumeclaims", "sc": "storageclasses",
    "ns": "namespaces", "svc": "services", "crd": "customresourcedefinitions",
    "deploy": "deployments",
}  # fmt: skip
CHAOS = ("podchaos", "networkchaos", "iochaos", "kernelchaos")
DATABASES = ("mongodb-geo", "mongodb-rate")
FLAGS = (
    "adServiceFailure", "adServiceHighCpu", "adServiceManualGc", "adFailure", "adHighCpu",
    "adManualGc", "cartFailure", "cartServiceFailure", "imageSlowLoad", "kafkaQueueProblems",
    "loadGeneratorFloodHomepage", "loadgeneratorFloodHomepage", "paymentFailure",
    "paymentServiceFailure", "paymentUnreachable", "paymentServiceUnreachable",
    "productCatalogFailure", "recommendationCacheFailure", "recommendationServiceCacheFailure",
)  # fmt: skip
CHARTS = {
    "social-network": [
        "user-service", "text-service", "post-storage-service", "nginx-thrift", "jaeger",
        "url-shorten-service", "url-shorten-mongodb", "user-mongodb", "compose-post-service",
    ],
    "astronomy-shop": ["flagd", "kafka", "ad", "frontend-proxy", "payment", "load-generator"],
    "prometheus": ["prometheus-server"],
    "chaos-mesh": ["chaos-controller-manager"],
}  # fmt: skip
HOSTNAME = "kubernetes.io/hostname"
NOT_READY = {"ready": False}
PORTS = {"nginx-thrift": 8080, "frontend-proxy": 8080}


class Refused(Exception):
    """What the program says on standard error before it ends with status 1."""


class Cluster:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.disk = dict.fromkeys(DATABASES, "whole")
        self.releases: dict[tuple[str, str], dict[str, str]] = {}
        self.failing: list[str] = []
        self.delay = 0.0
        self.seen_faulty = False
        for name in ("default", "kube-system"):
            self.put("namespaces", "", {"kind": "Namespace", "metadata": {"name": name}})
        self.put("storageclasses", "", {"kind": "StorageClass", "metadata": {"name": "standard"}})
        conditions = [{"type": "Ready", "status": "True"}]
        info = {
            "architecture": "amd64", "bootID": "b", "containerRuntimeVersion": "containerd://2.1",
            "kernelVersion": "6", "kubeProxyVersion": "v1", "kubeletVersion": "v1.34.0",
            "machineID": "m", "operatingSystem": "linux", "osImage": "Debian", "systemUUID": "u",
        }  # fmt: skip
        node = {"kind": "Node", "metadata": {"name": "control-plane"}}
        self.put("nodes", "", {**node, "status": {"conditions": conditions, "nodeInfo": info}})

    # objects

    def put(self, plural: str, namespace: str, item: Object) -> None:
        metadata = item["metadata"]
        if plural not in CLUSTER_WIDE:
            metadata["namespace"] = namespace
            if ("namespaces", "", namespace) not in self.objects:
                raise Refused(f'Error from server (NotFound): namespaces "{namespace}" not found')
        self.objects[plural, "" if plural in CLUSTER_WIDE else namespace, metadata["name"]] = item
        self.settle()

    def find(self, plural: str, namespace: str, name: str) -> Object | None:
        self.settle()
        return self.objects.get((plural, "" if plural in CLUSTER_WIDE else namespace, name))

    def list(self, plural: str, namespace: str | None = None) -> list[Object]:
        self.settle()
        if plural == "pods":
            return [pod for pod in self.pods() if namespace in (None, pod["metadata"]["namespace"])]
        if plural == "endpoints":
            return [self.endpoints(service) for service in self.list("services", namespace)]
        return [
            item
            for (kind, where, _), item in self.objects.items()
            if kind == plural and (plural in CLUSTER_WIDE or namespace in (None, where))
        ]

    def delete(self, plural: str, namespace: str, name: str) -> bool:
        key = (plural, "" if plural in CLUSTER_WIDE else namespace, name)
        if plural == "pods":
            return any(pod["metadata"]["name"] == name for pod in self.list("pods", namespace))
        if self.objects.pop(key, None) is None:
            return False
        if plural == "namespaces":
            for other in [key for key in self.objects if key[1] == name]:
                del self.objects[other]
            for release in [key for key in self.releases if key[0] == name]:
                del self.releases[release]
        self.settle()
        return True

    def settle(self) -> None:
        """Claims bind what is available; what was claimed and is no more is Released."""
        claims = {
            key[1:]: item
            for key, item in self.objects.items()
            if key[0] == "persistentvolumeclaims"
        }
        volumes = [item for key, item in self.objects.items() if key[0] == "persistentvolumes"]
        for volume in volumes:
            claim = volume["spec"].get("claimRef")
            bound = claim and claims.get((claim["namespace"], claim["name"]))
            if claim and not (bound and bound["metadata"].get("uid") == claim["uid"]):
                volume["status"] = {"phase": "Released"}
            elif not claim:
                volume["status"] = {"phase": "Available"}
        for (namespace, name), claim in claims.items():
            uid = claim["metadata"].setdefault("uid", f"{namespace}/{name}/{id(claim)}")
            if claim.get("status", {}).get("phase") == "Bound":
                continue
            wanted = claim["spec"].get("storageClassName", "standard")
            claim["status"] = {"phase": "Pending"}
            if wanted in ("openebs-hostpath", "standard"):
                claim["status"] = {"phase": "Bound"}
            for volume in volumes:
                free = volume["status"]["phase"] == "Available"
                if free and volume["spec"].get("storageClassName") == wanted:
                    volume["spec"]["claimRef"] = {"namespace": namespace, "name": name, "uid": uid}
                    volume["status"] = {"phase": "Bound"}
                    claim["status"] = {"phase": "Bound"}
                    break

    def pods(self) -> list[Object]:
        pods = []
        for (kind, namespace, name), item in list(self.objects.items()):
            if kind not in ("deployments", "statefulsets"):
                continue
            for number in range(item["spec"].get("replicas", 1)):
                pods.append(self.pod(namespace, f"{name}-6d4cf56db6-{number}x{number}", item))
        return pods

    def pod(self, namespace: str, name: str, owner: Object) -> Object:
        template = owner["spec"]["template"]
        state = self.state_of(namespace, owner["metadata"]["name"], template["spec"])
        status: Object = {"phase": "Pending" if state == "Pending" else "Running"}
        if state != "Pending":
            waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
            running = {"running": {"startedAt": "2026-08-19T00:00:00Z"}}
            status["containerStatuses"] = [
                {
                    "name": container["name"],
                    "ready": state == "Ready",
                    "image": container.get("image", "x"),
                    "imageID": "x",
                    "restartCount": 0,
                    "state": running if state == "Ready" else waiting,
                }
                for container in template["spec"]["containers"]
            ]
        labels = template.get("metadata", {}).get("labels", {})
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        return {"kind": "Pod", "metadata": metadata, "spec": template["spec"], "status": status}

    def state_of(self, namespace: str, owner: str, spec: Object) -> str:
        if (spec.get("nodeSelector") or {}).get(HOSTNAME) == "extra-node":
            return "Pending"
        for volume in spec.get("volumes") or ():
            claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            found = claim and self.objects.get(("persistentvolumeclaims", namespace, claim))
            if claim and (not found or found["status"]["phase"] != "Bound"):
                return "Pending"
        container = spec["containers"][0]
        wrong_program = owner == "profile" and container.get("command") == ["geo"]
        no_database = f"mongodb-{owner}" in DATABASES and self.disk[f"mongodb-{owner}"] != "whole"
        if container.get("image") == "yinfangchen/geo:app3" or wrong_program or no_database:
            return "Crashing"
        return "Ready"

    def ready(self, namespace: str, selector: Object) -> list[Object]:
        return [
            pod
            for pod in self.list("pods", namespace)
            if selector
            and selector.items() <= pod["metadata"]["labels"].items()
            and all(one["ready"] for one in pod["status"].get("containerStatuses", [NOT_READY]))
        ]

    def endpoints(self, service: Object) -> Object:
        metadata = service["metadata"]
        ready = self.ready(metadata["namespace"], service["spec"].get("selector") or {})
        subsets = [{"addresses": [{"ip": "10.0.0.9"} for _ in ready]}] if ready else []
        return {"kind": "Endpoints", "metadata": dict(metadata), "subsets": subsets}

    def shown(self, plural: str, item: Object) -> Object:
        """With the status that controllers would have written."""
        if plural in ("deployments", "statefulsets"):
            metadata = item["metadata"]
            labels = item["spec"]["template"].get("metadata", {}).get("labels", {})
            ready = len(self.ready(metadata["namespace"], labels))
            item = {**item, "status": {"availableReplicas": ready or None, "replicas": ready}}
        if plural == "services":
            item = {**item, "spec": {"clusterIP": "10.96.0.10", **item["spec"]}}
        return item

    # faults

    def faults(self) -> list[str]:
        on_disk = self.disk.items()
        found = [f"{name} on disk: {state}" for name, state in on_disk if state != "whole"]
        for (kind, _, name), item in self.objects.items():
            if kind == "services":
                ports = item["spec"].get("ports") or ()
                found += [f"port of {name}" for port in ports if port.get("targetPort") == 9999]
            if kind == "deployments":
                spec = item["spec"]["template"]["spec"]
                container = spec["containers"][0]
                if item["spec"].get("replicas", 1) == 0:
                    found.append(f"no replicas of {name}")
                if (spec.get("nodeSelector") or {}).get(HOSTNAME) == "extra-node":
                    found.append(f"node of {name}")
                if container.get("image") == "yinfangchen/geo:app3":
                    found.append(f"image of {name}")
                if name == "profile" and container.get("command") == ["geo"]:
                    found.append(f"program of {name}")
            if kind in CHAOS:
                found.append(f"{kind} {name}")
            if kind == "configmaps" and name == "flagd-config":
                flags = json.loads(item["data"]["demo.flagd.json"])["flags"]
                found += [f"flag {n}" for n, f in flags.items() if f["defaultVariant"] != "off"]
            if kind == "persistentvolumes" and item["status"]["phase"] == "Released":
                claimed = item["spec"]["claimRef"]["namespace"]
                if ("namespaces", "", claimed) in self.objects:
                    found.append(f"volume {name} is released")
        for (_, release), values in self.releases.items():
            if values.get("url-shorten-mongodb.tls.mode") == "requireTLS":
                found.append(f"tls of {release}")
        return sorted(found)

    def remember_faults(self) -> None:
        self.seen_faulty = self.seen_faulty or bool(self.faults())

    def reset(self) -> None:
        """What the worker does between runs, as far as these tests need it."""
        leftovers = [
            item["metadata"]["name"]
            for item in self.list("namespaces")
            if item["metadata"]["name"] not in ("default", "kube-system")
        ]
        for name in leftovers:
            self.delete("namespaces", "", name)
        for volume in list(self.list("persistentvolumes")):
            self.delete("persistentvolumes", "", volume["metadata"]["name"])

    # kubectl

    def kubectl(self, words: list[str], files: dict[str, str]) -> str:
        options = read_options(words)
        verb, *rest = options.words
        namespace = options.of("-n", "--namespace") or "default"
        if verb == "get":
            return self.kubectl_get(rest, options, namespace)
        if verb == "apply":
            return self.kubectl_apply(options.of("-f", "-Rf") or "", files, namespace)
        if verb == "delete":
            return self.kubectl_delete(rest, options, files, namespace)
        if verb == "create" and rest[0] == "namespace":
            self.put("namespaces", "", {"kind": "Namespace", "metadata": {"name": rest[1]}})
        elif verb == "create" and rest[0] == "secret":
            self.put("secrets", namespace, {"kind": "Secret", "metadata": {"name": rest[2]}})
        elif verb == "scale":
            self.existing("deployments", namespace, rest[1])["spec"]["replicas"] = int(
                options.of("--replicas") or 0
            )
        elif verb == "patch":
            self.existing(plural_of(rest[0]), namespace, rest[1])
        elif verb == "rollout":
            self.existing("deployments", namespace, rest[2])
        elif verb == "exec":
            return self.kubectl_exec(words, namespace)
        elif verb not in ("wait", "version", "annotate"):
            raise Refused(f"the stand-in knows no kubectl {verb}")
        return ""

    def existing(self, plural: str, namespace: str, name: str) -> Object:
        item = self.find(plural, namespace, name)
        if item is None:
            raise Refused(f'Error from server (NotFound): {plural} "{name}" not found')
        return item

    def kubectl_get(self, rest: list[str], options: Options, namespace: str) -> str:
        if "--raw" in options.named:
            return "ok"
        output = options.of("-o") or ""
        if rest[0] == "all":
            kinds = ("deployments", "services")
            names = [f"{k}/{i['metadata']['name']}" for k in kinds for i in self.list(k, namespace)]
            return "\n".join(names)
        if len(rest) > 1:
            plural = plural_of(rest[0])
            item = self.find(plural, namespace, rest[1])
            if item is None and "--ignore-not-found" in options.named:
                return ""
            item = self.shown(plural, self.existing(plural, namespace, rest[1]))
            return yaml.safe_dump(item) if output == "yaml" else json.dumps(item)
        items = []
        for kind in rest[0].split(","):
            plural = plural_of(kind)
            items += [self.shown(plural, item) for item in self.list(plural, namespace)]
        if output == "json":
            return json.dumps({"kind": "List", "items": items})
        lines = []
        for item in items:
            claim = item.get("spec", {}).get("claimRef") or {}
            lines.append(f"{item['metadata']['name']} {claim.get('namespace', '')}/x")
        return "\n".join(lines)

    def kubectl_apply(self, source: str, files: dict[str, str], namespace: str) -> str:
        if source.startswith("https://"):
            self.install_openebs()
            return "applied"
        for item in documents(files):
            plural = plural_of(item["kind"])
            if plural in CHAOS and not self.list("customresourcedefinitions"):
                raise Refused(f'error: no matches for kind "{item["kind"]}" in version "v1alpha1"')
            where = item["metadata"].get("namespace", namespace)
            existing = self.find(plural, where, item["metadata"]["name"])
            if existing is not None and plural in ("persistentvolumes", "persistentvolumeclaims"):
                continue
            self.put(plural, where, item)
        return "applied"

    def install_openebs(self) -> None:
        self.put("namespaces", "", {"kind": "Namespace", "metadata": {"name": "openebs"}})
        self.put("deployments", "openebs", deployment("openebs-localpv-provisioner"))
        for name in ("openebs-hostpath", "openebs-device"):
            self.put("storageclasses", "", {"kind": "StorageClass", "metadata": {"name": name}})

    def kubectl_delete(
        self, rest: list[str], options: Options, files: dict[str, str], namespace: str
    ) -> str:
        source = options.of("-f", "-Rf")
        if source and source.startswith("https://"):
            self.delete("namespaces", "", "openebs")
            return "deleted"
        if source:
            missing = []
            for item in documents(files):
                where = item["metadata"].get("namespace", namespace)
                if not self.delete(plural_of(item["kind"]), where, item["metadata"]["name"]):
                    missing.append(item["metadata"]["name"])
        else:
            plural = plural_of(rest[0])
            missing = [name for name in rest[1:] if not self.delete(plural, namespace, name)]
        if missing and "--ignore-not-found" not in options.named:
            raise Refused("\n".join(f'Error from server (NotFound): "{name}"' for name in missing))
        return "deleted"

    def kubectl_exec(self, words: list[str], namespace: str) -> str:
        pod = next(word for word in words[1:] if not word.startswith("-"))
        if pod not in [one["metadata"]["name"] for one in self.list("pods", namespace)]:
            raise Refused(f'Error from server (NotFound): pods "{pod}" not found')
        script = words[-1]
        for database in DATABASES:
            if not pod.startswith(database):
                continue
            if "mitigate" in script:
                self.disk[database] = "whole"
            elif "revoke" in script:
                self.disk[database] = "a role is revoked"
            elif "remove" in script:
                self.disk[database] = "the user is removed"
        return "Privileges changed"

    # helm

    def helm(self, words: list[str]) -> str:
        options = read_options(words)
        verb, *rest = options.words
        namespace = options.of("-n") or "default"
        if verb == "list":
            return "\n".join(name for where, name in self.releases if where == namespace)
        if verb in ("dependency", "repo"):
            return ""
        release = (namespace, rest[0])
        if verb == "install":
            if release in self.releases:
                raise Refused("Error: INSTALLATION FAILED: cannot re-use a name still in use")
            if self.find("namespaces", "", namespace) is None:
                self.put("namespaces", "", {"kind": "Namespace", "metadata": {"name": namespace}})
            self.releases[release] = {}
            self.install(namespace, rest[0])
        elif release not in self.releases:
            raise Refused(f"Error: {rest[0]}: release: not found")
        elif verb == "uninstall":
            del self.releases[release]
            for name in CHARTS[rest[0]]:
                self.delete("deployments", namespace, name)
                self.delete("services", namespace, name)
        elif verb == "upgrade":
            for pair in options.all("--set"):
                name, _, value = pair.partition("=")
                self.releases[release][name] = value
        return "STATUS: deployed"

    def install(self, namespace: str, release: str) -> None:
        for name in CHARTS[release]:
            self.put("deployments", namespace, deployment(name))
            port = PORTS.get(name, 9090)
            spec = {"selector": {"app": name}, "ports": [{"port": port, "targetPort": port}]}
            service = {"kind": "Service", "metadata": {"name": name}, "spec": spec}
            self.put("services", namespace, service)
        if release == "astronomy-shop":
            flags = {name: {"defaultVariant": "off"} for name in FLAGS}
            data = {"demo.flagd.json": json.dumps({"flags": flags})}
            config = {"kind": "ConfigMap", "metadata": {"name": "flagd-config"}, "data": data}
            self.put("configmaps", namespace, config)
        if release == "chaos-mesh":
            definition = {"metadata": {"name": "podchaos.chaos-mesh.org"}}
            self.put("customresourcedefinitions", "", {"kind": "CRD", **definition})

    # the API

    def api(self, verb: str, path: str, query: Object, body: Object | None) -> tuple[int, Object]:
        parts = [part for part in path.split("/") if part]
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        namespace: str | None = None
        if parts[:1] == ["namespaces"] and len(parts) > 2:
            namespace, parts = parts[1], parts[2:]
        plural, name = parts[0], parts[1] if len(parts) > 1 else ""
        if verb == "GET" and parts[-1] == "status" and plural == "jobs":
            return 200, {"kind": "Job", "metadata": {"name": name}, "status": {"ready": 1}}
        if verb == "GET" and not name:
            items = [self.shown(plural, item) for item in self.list(plural, namespace)]
            for pair in (query.get("labelSelector") or [""])[0].split(","):
                key, equals, value = pair.partition("=")
                if equals:
                    items = [i for i in items if i["metadata"].get("labels", {}).get(key) == value]
            return 200, {"kind": "List", "items": items}
        found = self.find(plural, namespace or "", name) if name else None
        if verb == "POST" and body is not None:
            body.setdefault("kind", plural)
            self.put(plural, namespace or "", body)
            return 201, body
        if found is None:
            return 404, {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
        if verb == "DELETE":
            self.delete(plural, namespace or "", name)
            return 200, {"kind": "Status", "status": "Success"}
        if verb == "PUT" and body is not None:
            self.put(plural, namespace or "", {"kind": found.get("kind"), **body})
        elif verb == "PATCH" and body is not None:
            self.put(plural, namespace or "", {**found, **body})
        return 200, self.shown(plural, self.existing(plural, namespace or "", name))

    def control(self, order: Object) -> None:
        what = order["do"]
        if what == "fail":
            self.failing.append(order["words"])
        elif what == "delay":
            self.delay = order["seconds"]
        elif what == "pend":
            for item in self.list("deployments", order["namespace"])[:1]:
                item["spec"]["template"]["spec"]["nodeSelector"] = {HOSTNAME: "none"}
                claim = {"name": "x", "persistentVolumeClaim": {"claimName": "nowhere"}}
                item["spec"]["template"]["spec"]["volumes"] = [claim]
        elif what == "delete application":
            for kind in ("deployments", "services", "configmaps"):
                for item in list(self.list(kind, order["namespace"])):
                    self.delete(kind, order["namespace"], item["metadata"]["name"])
        elif what == "reset":
            self.reset()
        elif what == "anew":
            self.__init__()  # type: ignore[misc]


def deployment(name: str) -> Object:
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": name, "image": f"{name}:1"}]},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def documents(files: dict[str, str]) -> list[Object]:
    found = []
    for name in sorted(files):
        if name.endswith((".yaml", ".yml")):
            found += [item for item in yaml.safe_load_all(files[name]) if item and "kind" in item]
    first = ("Namespace", "PersistentVolume", "ConfigMap", "PersistentVolumeClaim")
    return sorted(found, key=lambda item: item["kind"] not in first)


def plural_of(kind: str) -> str:
    kind = kind.lower()
    if kind in SHORT:
        return SHORT[kind]
    return kind if kind.endswith("s") else f"{kind}s"


class Options:
    def __init__(self, words: list[str], named: dict[str, list[str]]) -> None:
        self.words, self.named = words, named

    def of(self, *names: str) -> str | None:
        return next((self.named[name][-1] for name in names if name in self.named), None)

    def all(self, name: str) -> list[str]:
        return self.named.get(name, [])


WITH_VALUE = ("-n", "--namespace", "-f", "-Rf", "-o", "--set", "-p", "-l", "--version")


def read_options(words: list[str]) -> Options:
    rest, plain, named = list(words), [], {}
    while rest:
        word = rest.pop(0)
        if word == "--":
            break
        if not word.startswith("-"):
            plain.append(word)
        elif word in WITH_VALUE and rest:
            named.setdefault(word, []).append(rest.pop(0))
        else:
            name, _, value = word.partition("=")
            named.setdefault(name, []).append(value)
    return Options(plain, named)


CLUSTER = Cluster()


def run(call: Object) -> Object:
    words = call["arguments"]
    line = " ".join([call["program"], *words])
    for part in CLUSTER.failing:
        if re.search(part, line):
            return {"output": "", "error": f"error: the stand-in fails {part}", "status": 1}
    try:
        if call["program"] == "helm":
            output = CLUSTER.helm(words)
        elif call["program"] == "kubectl":
            output = CLUSTER.kubectl(words, call.get("files", {}))
        else:
            output = f"in {words[1]}: {words[-1]}" if words[:1] == ["exec"] else ""
    except Refused as refusal:
        return {"output": "", "error": str(refusal), "status": 1}
    return {"output": output, "error": "", "status": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(sent) if sent else None
        url = urlparse(self.path)
        with CLUSTER.lock:
            try:
                status, said = self.said(url.path, parse_qs(url.query), body)
            except Refused as refusal:
                status, said = 404, {"kind": "Status", "reason": str(refusal), "code": 404}
            CLUSTER.remember_faults()
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def said(self, path: str, query: Object, body: Any) -> tuple[int, Any]:
        if path == "/stand-in/run":
            return 200, run(body)
        if path == "/stand-in/delay":
            return 200, CLUSTER.delay
        if path == "/stand-in/control":
            CLUSTER.control(body)
            return 200, {}
        if path == "/stand-in/state":
            return 200, {"faults": CLUSTER.faults(), "seen_faulty": CLUSTER.seen_faulty}
        if CLUSTER.failing and self.command in ("PUT", "PATCH") and "api" in CLUSTER.failing:
            return 500, {"kind": "Status", "status": "Failure", "code": 500}
        return CLUSTER.api(self.command, path, query, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *arguments: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()
