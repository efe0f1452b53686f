from enum import Enum


class SubmissionStatus(Enum):
    VALID_SUBMISSION = 1
    INVALID_SUBMISSION = 2


class InvalidActionError(Exception):
    pass


class ResponseParsingError(Exception):
    pass
