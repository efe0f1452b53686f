"""make down: ends everything, services first, and leaves the data."""

from __future__ import annotations

from local_run.components import COMPONENTS
from local_run.console import Console
from local_run.processes import ProcessFiles
from local_run.rabbitmq import adopt_name_server
from local_run.settings import Settings
from local_run.stop import stop


def down(settings: Settings, files: ProcessFiles, console: Console) -> None:
    adopt_name_server(settings, files)
    console.say(
        "Stopping; workers let running tasks finish, for aiopslab.worker.shutdown-grace ..."
    )
    if stop((each.name for each in COMPONENTS), files, console):
        console.say(f"Stopped. The data stays in {settings.folder}")
    else:
        console.say(f"Nothing runs in {settings.folder}")
