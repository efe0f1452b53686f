import ast
import re

from aiopslab.utils.status import ResponseParsingError


class ResponseParser:
    def parse(self, response):
        blocks = re.findall(r"```\s*\n(.*?)\n```", response, re.DOTALL)
        if len(blocks) != 1:
            raise ResponseParsingError("one fenced block, please")
        name, _, rest = blocks[0].partition("(")
        call = ast.parse(f"call({rest.rpartition(')')[0]})").body[0].value
        args = [ast.literal_eval(argument) for argument in call.args]
        return {"api_name": name, "args": args, "kwargs": {}}
