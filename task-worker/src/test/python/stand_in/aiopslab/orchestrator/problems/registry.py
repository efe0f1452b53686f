import os
import time

from aiopslab.generators.fault.inject_symp import SymptomFaultInjector
from aiopslab.orchestrator.actions.base import TaskActions
from aiopslab.paths import CHART
from aiopslab.service.helm import Helm
from aiopslab.service.kubectl import KubeCtl
from aiopslab.utils.status import InvalidActionError

NAMESPACE = "test-hotel-reservation"


class Application:
    namespace = NAMESPACE

    def deploy(self):
        KubeCtl().exec_command(f"kubectl create namespace {NAMESPACE}")
        Helm.install(release_name="hotel", chart_path=CHART, namespace=NAMESPACE)

    def delete(self):
        KubeCtl().exec_command(f"kubectl delete all --all -n {NAMESPACE}")

    def cleanup(self):
        KubeCtl().delete_namespace(NAMESPACE)


class DetectionTask:
    def grade(self, soln):
        right = isinstance(soln, str) and soln.lower() == "yes"
        self.results["Detection Accuracy"] = "Correct" if right else "Incorrect"


class LocalizationTask:
    def grade(self, soln):
        self.results["Localization Accuracy"] = 100.0 / len(soln) if {"geo"} <= set(soln) else 0.0
        self.results["success"] = soln == ["geo"]


class MitigationTask:
    def grade(self, soln):
        self.results["success"] = "Running" in self.kubectl.exec_command("kubectl get pods -A")


class Problem:
    def __init__(self):
        self.app = Application()
        self.namespace = self.app.namespace
        self.kubectl = KubeCtl()
        self.injector = SymptomFaultInjector()
        self.actions = TaskActions()
        self.results = {}

    def inject_fault(self):
        print("== Fault Injection ==")
        self.injector.inject("pod-failure", f"geo-{os.environ['AIOPSLAB_CLUSTER']}")

    def start_workload(self):
        print("== Start Workload ==")

    def recover_fault(self):
        print("== Fault Recovery ==")
        self.injector.recover("pod-failure")

    def get_task_description(self):
        return "Something may be wrong with the hotel."

    def get_instructions(self):
        return "One call in a fenced block."

    def get_available_actions(self):
        names = [name for name in dir(TaskActions) if not name.startswith("_")]
        return {name: getattr(TaskActions, name).__doc__ for name in names}

    def perform_action(self, action_name, *args, **kwargs):
        action = getattr(self.actions, action_name, None)
        if action is None:
            raise InvalidActionError(action_name)
        return action(*args, **kwargs)

    def eval(self, soln, trace, duration):
        print("== Evaluation ==")
        self.results["TTD"] = duration
        self.grade(soln)
        self.results.update(steps=len(trace) // 2, in_tokens=3, out_tokens=4)
        return self.results


class Detection(Problem, DetectionTask):
    pass


class Localization(Problem, LocalizationTask):
    pass


class Mitigation(Problem, MitigationTask):
    pass


class HangingWorkload(Detection):
    """Hangs with the fault injected."""

    def start_workload(self):
        print("== Start Workload ==")
        time.sleep(3600)


class BrokenDeployment(Detection):
    def start_workload(self):
        raise RuntimeError("Not all pods reached the Ready state within 300 seconds.")


class StuckCleanup(Detection):
    def __init__(self):
        super().__init__()
        self.app.cleanup = self._never

    def _never(self):
        raise RuntimeError("the namespace was not deleted within 300 seconds")


class NoopFaultInjector:
    """What AIOpsLab's no-op problems have for an injector."""


class NoOp(Detection):
    def __init__(self):
        super().__init__()
        self.injector = NoopFaultInjector()

    def inject_fault(self):
        print("== Fault Injection ==")

    def recover_fault(self):
        print("== Fault Recovery ==")

    def grade(self, soln):
        self.results["Detection Accuracy"] = "Correct" if soln == "No" else "Incorrect"


class IdleInjector(Detection):
    """Its injector knows no such fault, says so, and goes on."""

    def inject_fault(self):
        print("Unknown fault type: pod_failure")
        self.kubectl.exec_command("kubectl get pods -A")


class RevokedAuth(Detection):
    """Changes a database by a script in its container, which always ends well."""

    def inject_fault(self):
        self.execute("revoke.sh")

    def recover_fault(self):
        self.execute("mitigate.sh")
        self.kubectl.exec_command(f"kubectl delete pod geo-0 -n {NAMESPACE}")

    def execute(self, script):
        print(self.kubectl.exec_command(f"kubectl exec -it mongodb-geo-0 -- /scripts/{script}"))


class LostDatabase(RevokedAuth):
    """The recovery finds no pod to execute in, and goes on with the others."""

    def recover_fault(self):
        self.kubectl.exec_command(f"kubectl delete pod geo-0 -n {NAMESPACE}")


class PendingPod(Mitigation):
    def grade(self, soln):
        for _ in None:  # the container statuses of a Pending pod
            pass


class NoVocabulary(Detection):
    def grade(self, soln):
        raise ConnectionError("the tokenizer's vocabulary cannot be downloaded")


class ProblemRegistry:
    def __init__(self):
        self.PROBLEM_REGISTRY = {
            "pod_failure_hotel_res-detection-1": Detection,
            "pod_failure_hotel_res-localization-1": Localization,
            "misconfig_app_hotel_res-mitigation-1": Mitigation,
            "hanging_workload-detection-1": HangingWorkload,
            "broken_deployment-detection-1": BrokenDeployment,
            "stuck_cleanup-detection-1": StuckCleanup,
            "noop_detection_hotel_reservation-1": NoOp,
            "idle_injector-detection-1": IdleInjector,
            "revoke_auth_mongodb-detection-1": RevokedAuth,
            "lost_database-detection-1": LostDatabase,
            "pending_pod-mitigation-1": PendingPod,
            "no_vocabulary-detection-1": NoVocabulary,
            "flower_node_stop-detection": Detection,
        }
        self.DOCKER_REGISTRY = ["flower_node_stop-detection"]

    def get_problem_instance(self, problem_id):
        return self.PROBLEM_REGISTRY[problem_id]()

    def get_problem_ids(self, task_type=None):
        return list(self.PROBLEM_REGISTRY)

    def get_problem_deployment(self, problem_id):
        return "docker" if problem_id in self.DOCKER_REGISTRY else "k8s"
