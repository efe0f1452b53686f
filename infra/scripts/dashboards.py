"""Reads what Grafana asks Prometheus: the panels' queries and the variables in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "grafana/dashboards"
# Grafana's choice for a scrape interval of 15 s.
INTERVALS = {"__rate_interval": "1m"}
LABEL_VALUES = re.compile(r"label_values\((.+), *(\w+)\)")


@dataclass(frozen=True)
class Query:
    """One line of a panel; `where` says which, for people."""

    where: str
    expression: str

    def filled_in(self, values: Mapping[str, list[str]]) -> str:
        """With all values of each variable chosen. An unknown variable is a KeyError."""
        choices = {name: _any_of(each) for name, each in values.items()} | INTERVALS
        return re.sub(r"\$\{?(\w+)\}?", lambda found: choices[found[1]], self.expression)


@dataclass(frozen=True)
class Variable:
    """Its choices are the values of `label` in the series of `selector`."""

    name: str
    selector: str
    label: str


@dataclass(frozen=True)
class Dashboard:
    name: str
    panels: int
    queries: list[Query]
    variables: list[Variable]


def dashboards() -> Iterator[Dashboard]:
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text())
        queries = [
            Query(f"{path.name}: {panel['title']} {target['refId']}", target["expr"])
            for panel in content["panels"]
            for target in panel.get("targets", [])
        ]
        variables = [
            Variable(each["name"], *_label_values(each["definition"]))
            for each in content["templating"]["list"]
            if each["type"] == "query"
        ]
        yield Dashboard(path.stem, len(content["panels"]), queries, variables)


def _label_values(definition: str) -> tuple[str, str]:
    found = LABEL_VALUES.fullmatch(definition)
    if not found:
        raise ValueError(f"not label_values(selector, label): {definition}")
    return found[1], found[2]


def _any_of(values: list[str]) -> str:
    """As Grafana writes several values into a matcher."""
    return "(" + "|".join(re.escape(each).replace("\\", "\\\\") for each in values) + ")"
