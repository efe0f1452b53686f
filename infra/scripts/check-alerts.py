#!/usr/bin/env python3
"""Compares names: alerts, their tests, the runbook, dashboards, and docs/metrics.md."""

import re
import sys
from pathlib import Path

from dashboards import dashboards

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = re.compile(r"up|(rabbitmq|http_server_requests|hikaricp|jvm|process)_\w+")
WORDS = {"and", "or", "unless", "bool", "offset"}
PARTS = re.compile(r"_(bucket|count|sum|max)$")


def metrics_of(expression):
    """Names that stand where only a metric can: no label, function or word."""
    bare = re.sub(r'"(\\.|[^"\\])*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)) - WORDS


def main():
    rules = (ROOT / "infra/prometheus/alerts.yml").read_text()
    tests = (ROOT / "infra/prometheus/alerts_test.yml").read_text()
    runbook = (ROOT / "docs/runbook.md").read_text()
    table = (ROOT / "docs/metrics.md").read_text()
    documented = set(re.findall(r"^\| `(aiopslab_\w+)`", table, re.M))
    wrong = []

    def check(expression, where):
        for name in metrics_of(expression):
            known = name in documented or PARTS.sub("", name) in documented
            if not known and not FOREIGN.fullmatch(name):
                wrong.append(f"{where} names {name}, which docs/metrics.md does not")

    alerts = re.split(r"^ *- alert: ", rules, flags=re.M)[1:]
    for alert in alerts:
        name = alert.split()[0]
        found = re.search(r"expr:[ |]*(.*?)^ {8}(?:for|labels):", alert, re.M | re.S)
        check(found.group(1), name)
        cases = re.findall(rf"alertname: {name}\n +exp_alerts:(.*)", tests)
        if not any(case.strip() == "" for case in cases):
            wrong.append(f"{name} has no test in which it fires")
        if not any(case.strip() == "[]" for case in cases):
            wrong.append(f"{name} has no test in which it is quiet")
        if f"runbook_url: docs/runbook.md#{name.lower()}\n" not in alert:
            wrong.append(f"{name} does not lead to its section of docs/runbook.md")
        if f"## {name}\n" not in runbook:
            wrong.append(f"docs/runbook.md has no section {name}")
    for dashboard in dashboards():
        for query in dashboard.queries:
            check(query.expression, query.where)
    for sentence in wrong:
        print("error:", sentence, file=sys.stderr)
    print(f"{len(alerts)} alerts, {len(documented)} documented metrics, {len(wrong)} errors")
    return 1 if wrong or not alerts or not documented else 0


if __name__ == "__main__":
    sys.exit(main())
