"""What dashboards and alerts ask, asked of a real Prometheus that scrapes a real system."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import unittest
from typing import Any

from prometheus import Prometheus
from receiver import take_callbacks
from system_test import HOST, LOCAL, SystemTest, free_ports

sys.path.insert(0, str(LOCAL.parent / "scripts"))

from dashboards import Dashboard, dashboards

PROBLEM = "misconfig_app_hotel_res-detection-1"
ENDED = {"completed", "failed", "cancelled"}
SELECTOR = re.compile(r"\b(?:aiopslab|rabbitmq|http|process|up)\w*(?:\{[^}]*\}|\b(?!\())")
# Values that appear with the first such answer or failure.
NOT_YET = re.compile(r',?(?:status=~"5\.\."|failure=~"[^"]+")')


@unittest.skipUnless(
    shutil.which("prometheus"), "no prometheus: apt-get install prometheus, brew install prometheus"
)
class DashboardsTest(SystemTest):
    def test_every_query_has_data_and_every_alert_is_quiet(self) -> None:
        self.succeed("up", AIOPSLAB_CALLBACKS_ALLOWED=HOST)
        self.callback = take_callbacks(self)
        folder = self.folder.parent / "prometheus"
        self.prometheus = Prometheus(folder, free_ports(1)[0], self.ports)
        self.addCleanup(self.prometheus.stop)
        self.wait("Prometheus is ready", self.prometheus.is_ready)
        self.wait("all is scraped", self.all_is_scraped)
        self.every_query_has_data()
        self.every_alert_selects_something_and_is_quiet()

    def all_is_scraped(self) -> bool:
        targets = self.prometheus.targets()
        return len(targets) == 6 and set(targets.values()) == {"up"}

    def every_query_has_data(self) -> None:
        shown = list(dashboards())
        until = time.monotonic() + 120
        while missing := self.without_data(shown):
            self.assertLess(time.monotonic(), until, "no data:\n" + "\n".join(missing))
            self.use_everything()
        panels = sum(dashboard.panels for dashboard in shown)
        queries = sum(len(dashboard.queries) for dashboard in shown)
        print(f"{len(shown)} dashboards, {panels} panels, {queries} queries have data")

    def without_data(self, shown: list[Dashboard]) -> list[str]:
        missing = []
        for dashboard in shown:
            values = {
                each.name: self.prometheus.label_values(each.selector, each.label)
                for each in dashboard.variables
            }
            missing += [f"{dashboard.name}: ${name}" for name in values if not values[name]]
            for query in dashboard.queries:
                expression = query.filled_in(values)
                if not self.prometheus.has_data(expression):
                    missing.append(f"{query.where}: {expression}")
        return missing

    def use_everything(self) -> None:
        """Tasks that succeed, one that fails, one that is cancelled, and a session."""
        ended = [self.submit(PROBLEM) for _ in range(4)] + [
            self.submit(PROBLEM, agent_config={"agent": "no-such-agent"})
        ]
        endless = self.submit(PROBLEM, agent_config={"delay_ms": 60_000})
        self.wait("it runs", lambda: self.status(endless) == "running")
        self.api(f"/tasks/{endless}", "DELETE")
        session = self.post("/sessions", problem_id=PROBLEM, wait="60s")["id"]
        self.post(f"/sessions/{session}/steps", index=0, action='submit("Yes")')
        running = {*ended, endless, session}
        self.wait("all have ended", lambda: all(self.status(task) in ENDED for task in running))

    def submit(self, problem: str, **more: Any) -> str:
        task = self.post("/tasks", problem_id=problem, callback_url=self.callback, **more)
        return str(task["id"])

    def status(self, task: str) -> str:
        return str(self.api(f"/tasks/{task}")["status"])

    def post(self, path: str, **body: Any) -> Any:
        return self.api(path, "POST", json.dumps(body))

    def every_alert_selects_something_and_is_quiet(self) -> None:
        alerts = self.prometheus.alerts()
        for alert in alerts:
            selectors = SELECTOR.findall(alert["query"])
            self.assertTrue(selectors, alert["query"])
            for selector in selectors:
                known = NOT_YET.sub("", selector)
                self.assertTrue(self.prometheus.has_data(known), f"{alert['name']}: {known}")
        errors = {each["name"]: each.get("lastError") for each in alerts if each["health"] != "ok"}
        self.assertEqual(errors, {})
        self.assertEqual({each["name"]: each["alerts"] for each in alerts if each["alerts"]}, {})
        print(f"{len(alerts)} alerts are valid and quiet")


if __name__ == "__main__":
    unittest.main()
