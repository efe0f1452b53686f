package io.aiopslab.tasks.store;

/** What a worker's row says of the problems that it can play, in SQL; {@code w} is the row. */
final class NamedProblems {
  /** Whether it names any. One that does not, or names none, takes all. */
  static final String ARE_THERE =
      "jsonb_typeof(w.capabilities -> 'supported_problems') = 'array'"
          + " AND w.capabilities -> 'supported_problems' <> '[]'";

  /** As jsonb; null for a worker that takes all. */
  static final String LIST =
      "CASE WHEN %s THEN w.capabilities -> 'supported_problems' END".formatted(ARE_THERE);

  private NamedProblems() {}
}
