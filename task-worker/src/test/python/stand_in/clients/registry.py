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


class AgentRegistry:
    def __init__(self):
        self.AGENT_REGISTRY = {"knowing": KnowingAgent}

    def get_agent(self, agent):
        return self.AGENT_REGISTRY.get(agent)

    def get_agent_ids(self):
        return list(self.AGENT_REGISTRY)
