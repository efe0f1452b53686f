"""What is wrong is found: each rule of check.py sees a file that breaks it."""

import copy
import unittest

import check

POD = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
    "terminationGracePeriodSeconds": 11400,
    "containers": [
        {
            "name": "task-worker",
            "image": "aiopslab/task-worker:0.1.0",
            "env": [
                {"name": "AIOPSLAB_WORKER_CLUSTERS_0_NAME", "value": "a"},
                {"name": "AIOPSLAB_WORKER_SHUTDOWNGRACE", "value": "182m"},
                {"name": "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE", "value": "185m"},
            ],
            "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "startupProbe": {},
            "livenessProbe": {},
            "readinessProbe": {},
        }
    ],
}


def trouble(change=lambda pod: None, more=()):
    pod = copy.deepcopy(POD)
    change(pod)
    worker = {"kind": "StatefulSet", "metadata": {"name": "worker"}, "spec": {"template": {"spec": pod}}}
    return "\n".join(check.overlay_trouble("dev", [worker, *more]))


class CheckTest(unittest.TestCase):
    def test_nothing_is_said_of_what_is_right(self):
        self.assertEqual(trouble(), "")

    def test_each_rule_sees_what_breaks_it(self):
        container = lambda pod: pod["containers"][0]  # noqa: E731
        broken = {
            "runs as root": lambda pod: pod["securityContext"].pop("runAsUser"),
            "no seccomp profile": lambda pod: pod["securityContext"].pop("seccompProfile"),
            "needs a tag": lambda pod: container(pod).update(image="aiopslab/task-worker:latest"),
            "not confined": lambda pod: container(pod)["securityContext"].pop("capabilities"),
            "no limit of memory": lambda pod: container(pod)["resources"].pop("limits"),
            "no livenessProbe": lambda pod: container(pod).pop("livenessProbe"),
            "must hold": lambda pod: pod.update(terminationGracePeriodSeconds=600),
            "no duration to Spring": lambda pod: container(pod)["env"][1].update(value="3h2m"),
            "AIOPSLAB_WORKER_SHUTDWNGRACE sets no property": lambda pod: container(pod)["env"].append(
                {"name": "AIOPSLAB_WORKER_SHUTDWNGRACE", "value": "1s"}
            ),
            "is a secret in the file": lambda pod: container(pod)["env"].append(
                {"name": "SPRING_DATASOURCE_PASSWORD", "value": "x"}
            ),
            "no ConfigMap nowhere": lambda pod: pod.update(volumes=[{"configMap": {"name": "nowhere"}}]),
        }
        for sentence, change in broken.items():
            with self.subTest(sentence):
                self.assertIn(sentence, trouble(change))

    def test_secrets_and_scalers_of_nothing_are_seen(self):
        secret = {"kind": "Secret", "metadata": {"name": "s"}}
        scaler = {"kind": "ScaledObject", "metadata": {"name": "o"}, "spec": {"scaleTargetRef": {"name": "x"}}}
        self.assertIn("not kept here", trouble(more=[secret]))
        self.assertIn("ScaledObject/o: no", trouble(more=[scaler]))

    def test_an_image_that_cannot_be_built_is_seen(self):
        dockerfile = (check.INFRA / "containers/Dockerfile").read_text()
        ignored = (check.ROOT / ".dockerignore").read_text()
        self.assertEqual(list(check.image_trouble(dockerfile, ignored)), [])
        broken = {
            "ARG TARGETARCH=amd64: a default holds": (dockerfile.replace("ARG TARGETARCH", "ARG TARGETARCH=amd64"), ignored),
            "makes no test-jar": (dockerfile.replace("-DskipTests", "-DskipTests -Dmaven.test.skip=true"), ignored),
            ".mvn/jvm.config is left out": (dockerfile, ignored.replace("!.mvn/jvm.config", "")),
            "infra/standalone/pom.xml is left out": (dockerfile, ignored.replace("!infra/standalone/pom.xml", "")),
            "infra/jvm/service.options is left out": (dockerfile, ignored.replace("!infra/jvm", "")),
            "infra/jvm/no.options is needed": (dockerfile.replace("service.options", "no.options", 1), ignored),
        }
        for sentence, files in broken.items():
            with self.subTest(sentence):
                self.assertIn(sentence, "\n".join(check.image_trouble(*files)))

    def test_what_reaches_the_engine(self):
        ignored = "*\n!shared\n**/target\n!a/b.xml\n"
        for path in ("shared/src/main/A.java", "a/b.xml"):
            self.assertTrue(check.reaches_engine(path, ignored), path)
        for path in ("other", "a/c.xml", "shared/target/x.jar", "target"):
            self.assertFalse(check.reaches_engine(path, ignored), path)

    def test_durations(self):
        self.assertEqual(check.seconds("182m"), 10920)
        self.assertEqual(check.seconds("1h2m3s"), 3723)


if __name__ == "__main__":
    unittest.main()
