import time

from aiopslab.service.kubectl import KubeCtl


class SymptomFaultInjector:
    """Writes its manifest to a fixed place, as the original does."""

    def inject(self, experiment_name, service):
        path = f"/tmp/{experiment_name}.yaml"
        with open(path, "w") as file:
            file.write(f"service: {service}\n")
        time.sleep(0.05)
        print(KubeCtl().exec_command(f"kubectl apply -f {path}"))

    def recover(self, experiment_name):
        print(KubeCtl().exec_command(f"kubectl delete -f /tmp/{experiment_name}.yaml"))
