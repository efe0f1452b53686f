import os

from clients.utils.llm import Cache


class KnowingAgent:
    """Submits what it is told to; remembers answers in a file, as AIOpsLab's clients do."""

    def __init__(self, answer="Yes", base_url=None):
        if answer == "nothing":
            raise ValueError("API key must be provided")
        self.cache = Cache()
        self.answer = answer

    def init_context(self, problem_desc, instructions, apis):
        self.system_message = problem_desc

    async def get_action(self, input):
        print("===== Agent =====")
        return self.cache.remember(f'```\nsubmit("{self.answer}")\n```')


class Service:
    """The client of a model's service, which is down."""

    def run(self, messages):
        raise ConnectionError("401 no such key")


class ApologeticAgent:
    """Says the failure of its service as if it were an action, as AIOpsLab's `openrouter` does."""

    def __init__(self):
        self.llm = Service()

    def init_context(self, problem_desc, instructions, apis):
        pass

    async def get_action(self, input):
        try:
            return self.llm.run([])[0]
        except Exception as error:
            return f"Error occurred while calling: {error}"


class LateAgent:
    """Reads its key at each turn, as AIOpsLab's `deepseek` does."""

    def init_context(self, problem_desc, instructions, apis):
        pass

    async def get_action(self, input):
        answer = os.environ.get("LATE_KEY", "No")
        return f'```\nsubmit("{answer}")\n```'


class VllmAgent(LateAgent):
    """Its server's address is fixed, as that of AIOpsLab's is."""

    async def get_action(self, input):
        expected = "http://localhost:8000/v1" == os.environ["EXPECTED_ADDRESS"]
        return '```\nsubmit("Yes")\n```' if expected else '```\nsubmit("No")\n```'


class TalkativeAgent(KnowingAgent):
    """Keeps what it tells its model, as all of AIOpsLab's do."""

    def init_context(self, problem_desc, instructions, apis):
        self.history = [
            {"role": "system", "content": f"You: {problem_desc}"},
            {"role": "user", "content": instructions},
        ]


class AgentRegistry:
    def __init__(self):
        self.AGENT_REGISTRY = {
            "knowing": KnowingAgent,
            "apologetic": ApologeticAgent,
            "late": LateAgent,
            "vllm": VllmAgent,
            "talkative": TalkativeAgent,
        }

    def get_agent(self, agent):
        return self.AGENT_REGISTRY.get(agent)

    def get_agent_ids(self):
        return list(self.AGENT_REGISTRY)
