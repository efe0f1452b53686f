"""What the model is told before its first turn."""

from __future__ import annotations

ROLE = """\
You are the engineer on call for the system described below. You act on it only through the actions
listed here, one in each turn, and you see what it returned before you choose the next. Look for
evidence before you decide, and submit as soon as you are sure."""


OWN, AIOPSLAB = "own", "aiopslab"


def aiopslab_prompt(template: str, description: str, actions: dict[str, str]) -> str:
    """What AIOpsLab's own agents with a shell tell their models (clients/gpt.py)."""

    def documented(word: str) -> str:
        return "\n\n".join(f"{name}\n{text}" for name, text in actions.items() if word in name)

    return template.format(
        prob_desc=description,
        shell_api=documented("exec_shell"),
        submit_api=documented("submit"),
    )


def system_prompt(preface: str | None, description: str, actions: dict[str, str]) -> str:
    """The operator's preface, if any, then the role, the problem and the actions."""
    documented = "\n\n".join(f"{name}\n{text.strip()}" for name, text in actions.items())
    parts = [preface or "", ROLE, description.strip(), f"The actions:\n\n{documented}"]
    return "\n\n".join(part for part in parts if part)
