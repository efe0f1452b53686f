import os
import subprocess


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
        self.exec_command(f"kubectl get namespace {namespace}")
