"""kubectl on a healthy application: what it shows, what it changes, what it refuses."""

from __future__ import annotations

import json
import unittest

from simulated import NAMESPACE, Simulated


class KubectlCase(unittest.TestCase):
    def setUp(self) -> None:
        self.simulated = Simulated()
        self.addCleanup(self.simulated.close)
        self.kubectl = self.simulated.kubectl
        self.run_line = self.simulated.run

    def pod(self, service: str) -> str:
        return self.kubectl(f"get pods -l io.kompose.service={service} -o name").split("/")[1]


class Looking(KubectlCase):
    def test_lists_in_every_form(self) -> None:
        for what, word in (
            ("pods", "1/1"),
            ("po -o wide", "kind-worker"),
            ("deploy", "UP-TO-DATE"),
            ("svc", "27017/TCP"),
            ("endpoints", "10.244."),
            ("events", "Started"),
            ("cm", "mongo-geo-script"),
            ("all", "deployment.apps/geo"),
            ("nodes", "control-plane"),
            ("ns", NAMESPACE),
            ("pods -A", "kube-system"),
            ("rs", "DESIRED"),
            ("pods --show-labels", "io.kompose.service=geo"),
            ("events --field-selector reason=Started", "Started"),
            ("pods --no-headers", "geo-"),
        ):
            with self.subTest(what=what):
                self.assertIn(word, self.kubectl(f"get {what}"))

    def test_json_yaml_and_jsonpath_agree(self) -> None:
        document = json.loads(self.kubectl("get deploy geo -o json"))
        image = document["spec"]["template"]["spec"]["containers"][0]["image"]
        path = "{.spec.template.spec.containers[0].image}"
        self.assertEqual(image, self.kubectl(f"get deploy geo -o jsonpath='{path}'"))
        self.assertIn(f'image: "{image}"', self.kubectl("get deployment/geo -o yaml"))
        self.assertEqual("List", json.loads(self.kubectl("get svc -o json"))["kind"])
        names = self.kubectl("get pods -o jsonpath='{.items[*].metadata.name}'").split()
        self.assertEqual(19, len(names))

    def test_describe_shows_container_and_events(self) -> None:
        text = self.kubectl(f"describe pod {self.pod('geo')}")
        for word in ("hotel-reserv-geo", "Restart Count:  0", "Events:", "Scheduled"):
            self.assertIn(word, text)
        self.assertIn("1 desired", self.kubectl("describe deployment geo"))
        self.assertIn("27017", self.kubectl("describe svc mongodb-geo"))

    def test_logs_of_pods_and_deployments(self) -> None:
        whole = self.kubectl("logs deployment/geo")
        self.assertIn("connected to mongodb-geo:27017", whole)
        self.assertEqual(whole.split("\n")[-1], self.kubectl(f"logs {self.pod('geo')} --tail=1"))
        self.assertIn("previous terminated", self.kubectl("logs deploy/geo --previous"))
        self.assertIn("is not valid for pod", self.kubectl("logs deploy/geo -c nope"))
        self.assertLess(len(self.kubectl("logs deploy/frontend --since=30s")), 5000)

    def test_top_and_version(self) -> None:
        self.assertIn("Mi", self.kubectl("top pods"))
        self.assertIn("kind-worker", self.kubectl("top nodes"))
        self.assertIn("Server Version", self.kubectl("version"))

    def test_refuses_with_a_reason(self) -> None:
        for words, said in (
            ("get pods nope", 'pods "nope" not found'),
            ("get unicorns", "resource type"),
            ("get pods --nonsense", "unknown flag"),
            ("get pods -n", "needs an argument"),
            ("get pods -o sideways", "output format"),
            ("edit deploy geo", "kubectl patch"),
            ("apply -f x.yaml", "knows: get"),
            ("logs -f deploy/geo", "leave out -f"),
            ("delete pod", "no name"),
            ("delete node kind-worker", "cannot be deleted"),
            ("scale deploy geo --replicas=1000", "must be 0 to 20"),
            ("scale deploy geo --replicas=many", "not a whole number"),
            ("exec deploy/geo -- bash", "not found in $PATH"),
            ("", "knows: get"),
        ):
            with self.subTest(words=words):
                self.assertIn(said, self.kubectl(words))


class Changing(KubectlCase):
    def healthy_again(self) -> bool:
        self.simulated.simulation.advance(60)
        return self.simulated.simulation.healthy()

    def test_scale_down_breaks_and_scale_up_repairs(self) -> None:
        self.assertEqual(
            "deployment.apps/geo scaled", self.kubectl("scale deploy geo --replicas=0")
        )
        self.assertFalse(self.healthy_again())
        self.assertIn("0/0", self.kubectl("get deploy geo"))
        self.kubectl("scale deploy/geo --replicas 2")
        self.assertTrue(self.healthy_again())
        self.assertIn("2/2", self.kubectl("get deploy geo"))

    def test_a_deleted_pod_is_replaced(self) -> None:
        before = self.pod("geo")
        self.assertIn("deleted", self.kubectl(f"delete pod {before}"))
        self.assertTrue(self.healthy_again())
        self.assertNotEqual(before, self.pod("geo"))

    def test_a_wrong_image_stalls_the_rollout_and_undo_repairs_it(self) -> None:
        said = self.kubectl("set image deployment/geo hotel-reserv-geo=nothing:here")
        self.assertIn("image updated", said)
        self.assertIn("timed out", self.kubectl("rollout status deploy/geo --timeout=20s"))
        self.assertIn("ImagePullBackOff", self.kubectl("get pods"))
        self.assertIn("rolled back", self.kubectl("rollout undo deployment/geo"))
        self.assertIn("successfully", self.kubectl("rollout status deployment/geo"))

    def test_patches_of_all_three_kinds(self) -> None:
        port = '{"spec": {"ports": [{"port": 1, "targetPort": 1}]}}'
        merge = f"patch svc mongodb-geo --type=merge -p '{port}'"
        self.assertIn("patched", self.kubectl(merge))
        self.assertIn("1/TCP", self.kubectl("get svc mongodb-geo"))
        container = '[{"name": "hotel-reserv-geo", "command": ["rate"]}]'
        strategic = f'{{"spec": {{"template": {{"spec": {{"containers": {container}}}}}}}}}'
        self.kubectl(f"patch deploy geo -p '{strategic}'")
        self.assertIn('"rate"', self.kubectl("get deploy geo -o json"))
        change = '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'
        self.kubectl(f"patch deploy rate --type json -p '{change}'")
        self.assertIn("/3", self.kubectl("get deploy rate"))

    def test_a_broken_service_breaks_those_who_need_it(self) -> None:
        change = '{"spec": {"selector": {"io.kompose.service": "nobody"}}}'
        self.kubectl(f"patch svc mongodb-geo -p '{change}'")
        self.assertIn("<none>", self.kubectl("get endpoints mongodb-geo"))
        self.kubectl("rollout restart deployment geo")
        self.simulated.simulation.advance(30)
        self.assertIn("CrashLoopBackOff", self.kubectl("get pods"))
        self.assertIn("no reachable servers", self.kubectl("logs deployment/geo"))

    def test_a_hostile_patch_is_refused_and_changes_nothing(self) -> None:
        before = self.kubectl("get deploy geo -o json")
        for change in (
            "[1]",
            "{",
            '{"kind": "Pod"}',
            '{"metadata": {"name": "other"}}',
            '{"spec": null}',
            '{"spec": {"replicas": "3"}}',
            '{"spec": {"replicas": -1}}',
            '{"spec": {"selector": {"matchLabels": {"a": "b"}}}}',
            '{"spec": {"template": {"spec": {"containers": "x"}}}}',
            '{"spec": {"template": {"spec": {"containers": [{"name": "hotel-reserv-geo", '
            '"ports": [{"containerPort": "x"}]}]}}}}',
            '{"spec": {"template": {"metadata": {"labels": {"io.kompose.service": 5}}}}}',
            '{"spec": {"template": {"metadata": null}}}',
            '{"spec": ' * 5000 + "1" + "}" * 5000,
            json.dumps({"metadata": {"annotations": {"a": "b" * 100_000}}}),
        ):
            with self.subTest(change=change[:80]):
                said = self.kubectl(f"patch deploy geo -p '{change}'")
                self.assertRegex(said, r"error|invalid|at most")
        self.assertEqual(before, self.kubectl("get deploy geo -o json"))

    def test_users_of_a_database(self) -> None:
        login = "mongo admin -u root -p root --authenticationDatabase admin"
        on = "exec deploy/mongodb-geo --"
        self.assertIn("readWrite", self.kubectl(f'{on} {login} --eval "db.getUsers()"'))
        self.kubectl(f"{on} bash /scripts/revoke-admin-geo-mongo.sh")
        self.kubectl("rollout restart deploy/geo")
        self.assertFalse(self.healthy_again())
        self.assertIn("not authorized on geo-db", self.kubectl("logs deploy/geo"))
        self.kubectl(f"{on} bash /scripts/revoke-mitigate-admin-geo-mongo.sh")
        self.simulated.simulation.advance(240)
        self.assertTrue(self.healthy_again())
        for evaluation, said in (
            ("db.dropDatabase()", "not available"),
            ("db.createUser({user: 'admin', pwd: 'x', roles: []})", "already exists"),
            ("db.createUser(", "not available"),
            ("db.grantRolesToUser('admin', __import__('os').system('id'))", "cannot be read"),
        ):
            self.assertIn(said, self.kubectl(f'{on} {login} --eval "{evaluation}"'))
        self.assertIn("Authentication failed", self.kubectl(f"{on} mongo -u root -p x --eval 1"))
        self.assertIn("requires auth", self.kubectl(f"{on} mongo --eval 'db.getUsers()'"))


if __name__ == "__main__":
    unittest.main()
