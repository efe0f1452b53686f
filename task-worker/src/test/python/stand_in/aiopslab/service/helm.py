import subprocess


class Helm:
    @staticmethod
    def install(**args):
        print("== Helm Install ==")
        chart = args["chart_path"]
        subprocess.run(f"helm dependency update {chart}", shell=True, check=False)
        command = f"helm install {args['release_name']} {chart} -n {args['namespace']}"
        subprocess.run(command, shell=True, check=False)

    @staticmethod
    def uninstall(**args):
        command = f"helm uninstall {args['release_name']} -n {args['namespace']}"
        subprocess.run(command, shell=True, check=False)
