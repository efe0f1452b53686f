"""Says that the run cannot be done."""

print(
    '{"type": "error", "code": "unknown_problem", "message": "no problem is called that"}'
)
