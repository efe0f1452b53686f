from __future__ import annotations

import unittest

import client_path  # noqa: F401

from aiopslab_tasks.backoff import Backoff, delay, read_retry_after
from aiopslab_tasks.errors import ConflictError, UnavailableError


class DelayTest(unittest.TestCase):
    def test_it_doubles_up_to_its_limit(self) -> None:
        longest = [delay(failures, None, 1.0) for failures in range(1, 9)]
        self.assertEqual([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0], longest)
        self.assertEqual(8.0, delay(10**9, None, 1.0))

    def test_chance_takes_away_a_half_at_most(self) -> None:
        self.assertEqual(0.5, delay(3, None, 0.0))
        self.assertEqual(0.75, delay(3, None, 0.5))

    def test_it_is_never_shorter_than_the_service_has_asked_for(self) -> None:
        self.assertEqual(3.0, delay(1, 3.0, 0.0))
        self.assertEqual(3.25, delay(1, 3.0, 1.0))
        self.assertEqual(128.0, delay(6, 86_400.0, 1.0), "what is asked for is bounded, too")


class RetryAfterTest(unittest.TestCase):
    def test_seconds_and_dates_are_read(self) -> None:
        self.assertEqual(2.0, read_retry_after("2"))
        date = "Mon, 23 Nov 2026 10:00:30 GMT"
        self.assertEqual(30.0, read_retry_after(date, now=lambda: 1795428000.0))
        self.assertEqual(0.0, read_retry_after(date, now=lambda: 1795429000.0))

    def test_anything_else_is_none(self) -> None:
        for text in (None, "", "soon", "-1", "1.5", "Mon, 99 Foo"):
            with self.subTest(text):
                self.assertIsNone(read_retry_after(text))


class BackoffTest(unittest.TestCase):
    def setUp(self) -> None:
        self.slept: list[float] = []
        self.backoff = Backoff(3, self.slept.append, lambda: 1.0)

    def test_it_gives_up_after_so_many_failures_in_a_row(self) -> None:
        failure = UnavailableError("Wait.")
        self.assertEqual(
            [True, True, True, False], [self.backoff.may_go_on_after(failure) for _ in range(4)]
        )
        self.assertEqual([0.25, 0.5, 1.0], self.slept)

    def test_a_success_in_between_starts_the_count_anew(self) -> None:
        failure = UnavailableError("Wait.", retry_after=2.0)
        self.backoff.may_go_on_after(failure)
        self.backoff.worked()
        self.backoff.may_go_on_after(failure)
        self.assertEqual([2.25, 2.25], self.slept)

    def test_what_cannot_get_better_is_not_tried_again(self) -> None:
        self.assertFalse(self.backoff.may_go_on_after(ConflictError("No.")))
        self.assertEqual([], self.slept)
