package io.aiopslab.tasks.api.trajectories;

import static io.aiopslab.tasks.api.trajectories.WriteTrajectory.number;

import io.aiopslab.tasks.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Milliseconds by phase; null where nobody has said so.
 *
 * @param queue by the database's clock, as {@code total} is; the others by the runner's
 */
record Timing(
    double queue,
    @Nullable Double setup,
    @Nullable Double run,
    @Nullable Double grading,
    @Nullable Double cleanup,
    @Nullable Double total) {

  static Timing of(Task task, Map<String, Double> metrics) {
    Instant end = task.completedAt();
    Task.Run ran = task.run();
    Instant left = ran != null ? ran.startedAt() : end;
    return new Timing(
        left == null ? 0 : millis(task.createdAt(), left),
        phase(metrics, "setup"),
        phase(metrics, "running"),
        phase(metrics, "grading"),
        phase(metrics, "cleanup"),
        end == null ? null : millis(task.createdAt(), end));
  }

  private static @Nullable Double phase(Map<String, Double> metrics, String name) {
    Double seconds = metrics.get("phase_seconds." + name);
    return seconds == null ? null : Math.rint(seconds * 1_000_000) / 1000;
  }

  private static double millis(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1_000_000.0;
  }

  void write(JsonGenerator out) {
    out.writeObjectPropertyStart("timing_ms");
    out.writeNumberProperty("queue", queue);
    number(out, "setup", setup);
    number(out, "run", run);
    number(out, "grading", grading);
    number(out, "cleanup", cleanup);
    number(out, "total", total);
    out.writeEndObject();
  }
}
