"""What was said so far, as much of it as the model's context may hold."""

from __future__ import annotations

from dataclasses import dataclass

from aiopslab_runner.sendable import clean

Message = dict[str, str]
CHARACTERS_PER_TOKEN = 4
LEAST_OBSERVATION_TOKENS = 64
SHRINK = 0.6
EMPTY_OBSERVATION = "(nothing)"


@dataclass(frozen=True)
class Turn:
    """`reply` is None where the model said nothing: servers refuse empty messages, and then every
    later request of the run."""

    observation: str
    reply: Message | None

    def messages(self) -> list[Message]:
        heard = [_message("user", self.observation)]
        return heard if self.reply is None else [*heard, self.reply]

    def tokens(self) -> int:
        return sum(message_tokens(message) for message in self.messages())


class History:
    """The system prompt, the instructions and the last observation are always kept.

    `limit_tokens`: 0 for no limit; the oldest turns are left out first, then the middle of the last
    observation. Tokens are estimated, at four characters each.
    """

    def __init__(self, limit_tokens: int) -> None:
        self.limit_tokens = limit_tokens
        self._system = ""
        self._instructions = ""
        self._turns: list[Turn] = []
        self._observation = ""

    def begin(self, system: str, instructions: str) -> None:
        self._system, self._instructions = clean(system), clean(instructions)
        self._turns, self._observation = [], ""

    def hear(self, observation: str) -> None:
        self._observation = clean(observation) if observation.strip() else EMPTY_OBSERVATION

    def say(self, reply: Message) -> None:
        """`reply` has the content, and whatever else the server is to be told again."""
        said = {"role": "assistant", **{name: clean(text) for name, text in reply.items()}}
        self._turns.append(Turn(self._observation, said if said["content"].strip() else None))

    def messages(self) -> list[Message]:
        observation = self._last_observation()
        kept = self._turns_within(self._room() - estimated_tokens(observation))
        messages = [_message("system", self._system), _message("user", self._instructions)]
        for turn in kept:
            messages += turn.messages()
        return [*messages, _message("user", observation)]

    def left_out(self) -> int:
        """How many turns the messages are without."""
        room = self._room() - estimated_tokens(self._last_observation())
        return len(self._turns) - len(self._turns_within(room))

    def shrink(self) -> bool:
        """Lowers the limit to 60 % of what is sent now; False when nothing more can go."""
        now = sum(message_tokens(message) for message in self.messages())
        least = self._fixed_tokens() + LEAST_OBSERVATION_TOKENS
        if now <= least:
            return False
        self.limit_tokens = max(int(now * SHRINK), least)
        return True

    def _fixed_tokens(self) -> int:
        return estimated_tokens(self._system) + estimated_tokens(self._instructions)

    def _room(self) -> int:
        """Tokens for all that is not fixed."""
        return max(self.limit_tokens - self._fixed_tokens(), LEAST_OBSERVATION_TOKENS)

    def _last_observation(self) -> str:
        if not self.limit_tokens:
            return self._observation
        return without_middle(self._observation, self._room() * CHARACTERS_PER_TOKEN)

    def _turns_within(self, room: int) -> list[Turn]:
        if not self.limit_tokens:
            return self._turns
        first = len(self._turns)
        while first and self._turns[first - 1].tokens() <= room:
            first -= 1
            room -= self._turns[first].tokens()
        return self._turns[first:]


def alternating(messages: list[Message]) -> list[Message]:
    """Neighbours of one role as one message: some chat templates refuse two in a row."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            both = f"{joined[-1]['content']}\n\n{message['content']}"
            joined[-1] = _message(message["role"], both)
        else:
            joined.append(message)
    return joined


def estimated_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def message_tokens(message: Message) -> int:
    return sum(estimated_tokens(text) for name, text in message.items() if name != "role")


def without_middle(text: str, most: int) -> str:
    """At most `most` characters (100 at least), with a note where the middle was."""
    if len(text) <= most:
        return text
    note = "\n[… {} characters from the middle are left out …]\n"
    kept = most - len(note) - len(str(len(text)))
    head = kept // 2
    tail = kept - head
    return text[:head] + note.format(len(text) - kept) + text[len(text) - tail :]


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}
