"""What kubectl refuses, in words an agent can act on."""

from __future__ import annotations


class KubectlError(Exception):
    """Its text is what the command prints; the command has then failed."""


def not_found(resource: str, name: str) -> KubectlError:
    return KubectlError(f'Error from server (NotFound): {resource} "{name}" not found')
