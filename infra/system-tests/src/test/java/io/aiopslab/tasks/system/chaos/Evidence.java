package io.aiopslab.tasks.system.chaos;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the promises are judged by, as it was at one moment.
 *
 * @param tasks rows of the database, by id
 * @param moves in the order of time
 * @param logs of each task that has any, by its id
 * @param survivors processes that belong to a recorded run and still live, by its session
 * @param queues messages in each queue, handed out or not
 * @param poison ids of the messages that were injected to be unreadable
 * @param deadLetters ids of the messages that are quarantined
 * @param deliveries rows of the database, by task
 */
record Evidence(
    Told.Facts told,
    Map<String, TaskRow> tasks,
    List<Move> moves,
    Map<String, Log> logs,
    RunRecords runs,
    Map<String, List<Long>> survivors,
    Map<String, Long> queues,
    Set<String> poison,
    Set<String> deadLetters,
    Map<String, Delivery> deliveries,
    List<CallbackReceiver.Call> calls) {

  /**
   * @param request the idempotency key it was asked for with, from its metadata
   * @param reportedLines log lines by the accepted report of its run; null if none was accepted
   */
  record TaskRow(
      String id,
      String status,
      @Nullable String sessionId,
      @Nullable String failureCode,
      @Nullable String request,
      boolean callsBack,
      @Nullable Long reportedLines) {}

  /**
   * @param from null for a new task
   */
  record Move(String taskId, @Nullable String from, String to) {}

  /**
   * @param seqs in ascending order
   * @param sha256 over the lines of standard output, each with a newline
   * @param leftOut how many of them are missing, by the log's own word
   */
  record Log(List<Long> seqs, String sha256, long leftOut) {
    Log(List<Long> seqs, String sha256) {
      this(seqs, sha256, 0);
    }
  }

  record Delivery(String webhookId, String state, int attempts) {}
}
