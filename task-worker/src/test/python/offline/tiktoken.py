"""Counts words in place of tokens: the real tokenizer's vocabulary is a download."""


class Words:
    def encode(self, text, **options):
        return text.split()


def encoding_for_model(model):
    return Words()
