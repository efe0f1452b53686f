import subprocess


class Docker:
    def get_logs(self, container_id):
        return subprocess.run(["docker", "logs", container_id], capture_output=True).stdout
