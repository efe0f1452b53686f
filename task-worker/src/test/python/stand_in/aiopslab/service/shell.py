import subprocess

from aiopslab.paths import config


class Shell:
    @staticmethod
    def exec(command, input_data=None, cwd=None, timeout=30):
        assert config.get("k8s_host") == "kind"
        return Shell.docker_exec("kind-control-plane", command, timeout=timeout)

    @staticmethod
    def local_exec(command, input_data=None, cwd=None, timeout=30):
        raise AssertionError("a command on the host")

    @staticmethod
    def ssh_exec(host, user, ssh_key_path, command, timeout=30):
        raise AssertionError("a command on another host")

    @staticmethod
    def docker_exec(container_name, command, timeout=30):
        """With the fault of the original: the host's shell evaluates the command first."""
        line = f'docker exec {container_name} sh -c "{command}"'
        return subprocess.run(line, shell=True, capture_output=True, text=True).stdout
