package io.aiopslab.tasks.store;

import io.aiopslab.tasks.task.Phase;
import io.aiopslab.tasks.task.TaskProgress;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How far each run has come. */
@Repository
public class RunProgress {
  private static final String ADVANCE =
      """
      INSERT INTO task_progress AS p (task_id, phase, phase_seq, steps, metrics, last_event_at)
      VALUES (?, ?, ?, ?, ?::jsonb, ?)
      ON CONFLICT (task_id) DO UPDATE
      SET phase = CASE WHEN EXCLUDED.phase_seq > p.phase_seq THEN EXCLUDED.phase ELSE p.phase END,
          phase_seq = greatest(p.phase_seq, EXCLUDED.phase_seq),
          steps = greatest(p.steps, EXCLUDED.steps),
          metrics = p.metrics || EXCLUDED.metrics,
          last_event_at = greatest(p.last_event_at, EXCLUDED.last_event_at)
      """;

  private static final String FIND =
      "SELECT phase, steps, metrics, last_event_at FROM task_progress WHERE task_id = :taskId";

  private final JdbcTemplate batches;
  private final JdbcClient jdbc;

  RunProgress(JdbcTemplate batches, JdbcClient jdbc) {
    this.batches = batches;
    this.jdbc = jdbc;
  }

  /**
   * What a batch of events says of one run. Never moves a run backwards, so batches may come in any
   * order.
   *
   * @param phaseSeq seq of the event that entered the phase; -1 if the batch has none
   */
  public record Advance(
      UUID taskId,
      Phase phase,
      long phaseSeq,
      int steps,
      Map<String, Double> metrics,
      Instant lastEventAt) {}

  public void advance(Collection<Advance> advances) {
    // Always in the same order, so that two collectors never wait for each other in a circle.
    List<Advance> ordered =
        advances.stream().sorted(Comparator.comparing(Advance::taskId)).toList();
    batches.batchUpdate(
        ADVANCE,
        ordered,
        500,
        (row, advance) -> {
          row.setObject(1, advance.taskId());
          row.setString(2, advance.phase().wire());
          row.setLong(3, advance.phaseSeq());
          row.setInt(4, advance.steps());
          row.setString(5, Columns.jsonb(advance.metrics()));
          row.setObject(6, Columns.timestamp(advance.lastEventAt()));
        });
  }

  public Optional<TaskProgress> find(UUID taskId) {
    return jdbc.sql(FIND)
        .param("taskId", taskId)
        .query(
            (row, n) ->
                new TaskProgress(
                    Phase.fromWire(Columns.text(row, "phase")),
                    row.getInt("steps"),
                    Columns.numbers(row, "metrics"),
                    Columns.instant(row, "last_event_at")))
        .optional();
  }
}
