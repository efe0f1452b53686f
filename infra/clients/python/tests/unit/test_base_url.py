from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import pickle
import traceback
import unittest
from typing import Any, Callable
from unittest import mock

import client_path  # noqa: F401
from scripted_service import ScriptedService, problem, whole

from aiopslab_tasks import Client, TaskServiceError
from aiopslab_tasks.__main__ import main
from aiopslab_tasks.operate import main as operate

TASK = {"id": "t-1", "status": "pending", "problem_id": "p"}
SECRET = "s3cr/t@:#?"
QUOTED = "s3cr%2Ft%40%3A%23%3F"


def told_by(program: Callable[[list[str]], int], words: list[str]) -> str:
    """What it prints to either stream."""
    said = io.StringIO()
    ends = contextlib.suppress(SystemExit)
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), ends:
        program(words)
    return said.getvalue()


class BaseUrlTest(unittest.TestCase):
    def test_what_is_no_base_url_is_refused_with_an_example(self) -> None:
        wrong: Any
        for wrong in (
            "localhost:8000",
            "ftp://x",
            "http://",
            "http://x?a=b",
            "http://x#a",
            "http://x:port",
            "http://x:99999",
            "http://[::1",
            "http://a b",
            "http://a/b c",
            "http://a\n",
            "http://a/größer",
            "",
            None,
            b"http://localhost:8000",
            7,
        ):
            refused = self.assertRaisesRegex(ValueError, "http://localhost:8000")
            with self.subTest(repr(wrong)), refused:
                Client(wrong)

    def test_user_and_password_are_sent_and_nothing_else_of_them(self) -> None:
        with ScriptedService(whole(TASK)) as service:
            url = service.url.replace("http://", f"http://ana:{QUOTED}@")
            with Client(url + "/prefix/") as client:
                self.assertEqual("t-1", client.get("t-1").id)
                with pickle.loads(pickle.dumps(client)) as copied:
                    copied.get("t-1")
            expected = "Basic " + base64.b64encode(f"ana:{SECRET}".encode()).decode()
            for asked in service.asked:
                self.assertEqual(expected, asked.headers["authorization"])
                self.assertEqual("/prefix/api/v1/tasks/t-1", asked.path)
                self.assertEqual(service.url[len("http://") :], asked.headers["host"])
            with Client(service.url) as client:
                client.get("t-1")
            self.assertNotIn("authorization", service.asked[-1].headers)

    def test_a_password_is_never_said(self) -> None:
        said = []
        with ScriptedService(problem(404, "task_not_found")) as service:
            places = [service.url.replace("http://", f"http://ana:{QUOTED}@")]
        places.append(places[0].replace("http:", "https:"))
        places += [
            place.format(word)
            for word in (QUOTED, SECRET, "s3cr")
            for place in (
                "ftp://ana:{}@h",
                "ana:{}@h:8000",
                "http://ana:{}@",
                "http://ana:{}@h:port",
                "http://ana:{}@h?a=b",
                "http://ana:{}@[::1",
                "http://ana:{}@h\n",
                "http://:{}@h x",
                "https://ana:{}/@h",
            )
        ]
        for place in places:
            try:
                with Client(place, retries=0, timeout=5) as client:
                    said.append(repr(client))
                    client.get("t-1")
            except (ValueError, TaskServiceError):
                said.append(traceback.format_exc().replace(place, ""))
            else:
                self.fail(f"{place} was not refused")
        for program, words in ((main, ["list"]), (operate, ["workers"])):
            for place in (places[0], *places[2:]):
                said.append(told_by(program, [*words, "--url", place]))
        for text in said:
            self.assertNotIn("s3cr", text)
            self.assertTrue(text)

    def test_help_does_not_say_it_either(self) -> None:
        secret = {"AIOPSLAB_URL": f"http://ana:{QUOTED}@localhost:8000"}
        with mock.patch.dict(os.environ, secret):
            for program in (main, operate):
                for words in (["--help"], ["--wrong"], []):
                    said = told_by(program, words)
                    self.assertNotIn("s3cr", said)
                    self.assertTrue(said)

    def test_an_address_of_ipv6_is_one(self) -> None:
        with self.assertRaisesRegex(TaskServiceError, r"http://\[::1\]:1/api/v1/tasks/t"):
            Client("http://[::1]:1", retries=0).get("t")

    def test_json_says_nothing_of_it(self) -> None:
        with ScriptedService(whole({"tasks": [TASK], "next_cursor": None})) as service:
            url = service.url.replace("http://", f"http://ana:{QUOTED}@")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                self.assertEqual(0, main(["list", "--json", "--url", url]))
        self.assertEqual(TASK, json.loads(out.getvalue()))
