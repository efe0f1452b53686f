import subprocess
import urllib.request


class PrometheusConnect:
    def __init__(self, url, disable_ssl=False):
        self.url = url

    def ask(self):
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            return answer.read().decode()


class PrometheusAPI:
    def __init__(self, url, namespace):
        self.namespace = namespace
        self.port = self.find_free_port()
        self.port_forward_process = None
        self.start_port_forward()
        self.client = PrometheusConnect(url, disable_ssl=True)

    def find_free_port(self, start=32000, end=32100):
        return start

    def start_port_forward(self):
        command = f"kubectl port-forward svc/prometheus-server {self.port}:80 -n observe"
        self.port_forward_process = subprocess.Popen(command, shell=True)

    def stop_port_forward(self):
        self.port_forward_process.terminate()
        self.port_forward_process.wait()
        self.port_forward_process.stdout.close()

    def cleanup(self):
        self.stop_port_forward()
