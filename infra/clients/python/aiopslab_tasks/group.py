"""Several samples of one task, as GRPO wants them."""

from __future__ import annotations

from aiopslab_tasks.polling import poll
from aiopslab_tasks.records import GroupState
from aiopslab_tasks.transport import Transport, duration


class Group:
    """A group that has been submitted, or that is known by its id; made by `Client`."""

    def __init__(self, transport: Transport, group_id: str) -> None:
        self.id = group_id
        self._transport = transport

    def look(self) -> GroupState:
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> GroupState:
        """Until all have ended, or `early_stop` of them are usable: completed, with a reward.

        Raises WaitTimeoutError after `timeout` seconds; None waits for ever.
        """
        return poll(self._look, lambda group: group.done, timeout, f"The end of group {self.id}")

    def cancel(self) -> GroupState:
        """Of what still waits or runs."""
        return GroupState(self._transport.call("DELETE", "groups", self.id))

    def _look(self, wait: float) -> GroupState:
        query = {"wait": duration(wait)} if wait else None
        return GroupState(self._transport.call("GET", "groups", self.id, query=query, wait=wait))
