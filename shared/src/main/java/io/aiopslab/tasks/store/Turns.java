package io.aiopslab.tasks.store;

/**
 * How the queues of a backend share its slots: each has one task in a turn, and turns are claimed
 * in order. A task's turn is found when it is submitted, so that a claim stays a walk along one
 * index, however many queues there are.
 */
final class Turns {
  /**
   * As a claim takes them; {@code tasks_pending_turns} has them in that order. Equal turns go by
   * age, as the database's clock tells it.
   */
  static final String ORDER = "priority DESC, turn, created_at, id";

  /**
   * The turn after the last of the same queue that waits or runs, but none that has gone by: a
   * queue that had nothing to do has no turns in hand. Two that submit at once may get the same
   * one, which does no harm.
   */
  private static final String NEXT =
      """
      greatest(
        coalesce(
          (SELECT served.turn FROM tasks served
           WHERE served.status = 'running' AND served.backend_type = {backend}
             AND served.priority = {priority}
           ORDER BY served.turn DESC LIMIT 1),
          (SELECT first.turn FROM tasks first
           WHERE first.status = 'pending' AND first.backend_type = {backend}
             AND first.priority = {priority}
           ORDER BY first.turn LIMIT 1),
          0),
        coalesce(
          (SELECT last.turn + 1 FROM tasks last
           WHERE last.status IN ('pending', 'running') AND last.queue = {queue}
             AND last.backend_type = {backend} AND last.priority = {priority}
           ORDER BY last.turn DESC LIMIT 1),
          0))
      """;

  private Turns() {}

  /** The arguments are expressions in SQL. */
  static String next(String backendType, String priority, String queue) {
    return NEXT.replace("{backend}", backendType)
        .replace("{priority}", priority)
        .replace("{queue}", queue);
  }
}
