import subprocess
import urllib.request


class TraceAPI:
    def __init__(self, namespace):
        self.namespace = namespace
        self.port_forward_process = None
        node_port = self.get_nodeport("jaeger", namespace)
        if node_port:
            self.base_url = f"http://localhost:{node_port}"
        else:
            self.base_url = "http://localhost:16686"
            self.start_port_forward()

    def get_nodeport(self, service_name, namespace):
        return 30686

    def get_jaeger_pod_name(self):
        return "jaeger-0"

    def start_port_forward(self):
        command = f"kubectl port-forward svc/jaeger 16686:16686 -n {self.namespace}"
        self.port_forward_process = subprocess.Popen(command, shell=True)

    def ask(self):
        with urllib.request.urlopen(self.base_url, timeout=5) as answer:
            return answer.read().decode()

    def cleanup(self):
        self.port_forward_process.terminate()
        self.port_forward_process.wait()
        self.port_forward_process.stdout.close()
