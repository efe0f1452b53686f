package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.chaos.CallbackReceiver.Call;
import io.aiopslab.tasks.system.chaos.Evidence.Delivery;
import io.aiopslab.tasks.system.chaos.Evidence.Log;
import io.aiopslab.tasks.system.chaos.Evidence.Move;
import io.aiopslab.tasks.system.chaos.Evidence.TaskRow;
import io.aiopslab.tasks.system.chaos.RunRecords.Start;
import io.aiopslab.tasks.system.chaos.RunRecords.Stop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sound evidence of two tasks that ran one after the other on one cluster, {@code done} with a
 * callback and {@code failed} without, of one that was cancelled before it ran, {@code idle}, and
 * of one poison message; open to falsification.
 */
final class Doctored {
  final Map<String, Integer> asked = new HashMap<>(Map.of("key", 3, "unheard", 1));
  final Map<String, List<String>> acknowledged =
      new HashMap<>(Map.of("key", List.of("done", "failed", "idle")));
  final Map<String, String> ends = new HashMap<>(Map.of("done", "completed"));
  final List<String> contradictions = new ArrayList<>();
  final Map<String, TaskRow> tasks = new HashMap<>();
  final List<Move> moves =
      new ArrayList<>(
          List.of(
              new Move("done", null, "pending"),
              new Move("failed", null, "pending"),
              new Move("idle", null, "pending"),
              new Move("idle", "pending", "cancelled"),
              new Move("done", "pending", "running"),
              new Move("done", "running", "completed"),
              new Move("failed", "pending", "running"),
              new Move("failed", "running", "failed")));
  final Map<String, Log> logs = new HashMap<>();
  final List<Start> starts =
      new ArrayList<>(
          List.of(
              new Start("done", "s-done", "c-1", 100, 1.0),
              new Start("failed", "s-failed", "c-1", 200, 3.0)));
  final Map<String, Stop> stops = new HashMap<>();
  final Map<String, List<Long>> survivors = new HashMap<>();
  final Map<String, Long> queues = new HashMap<>(Map.of("tasks.backend.chaos", 0L));
  final Set<String> poison = new HashSet<>(Set.of("bad"));
  final Set<String> deadLetters = new HashSet<>(Set.of("bad"));
  final Map<String, Delivery> deliveries = new HashMap<>();
  final List<Call> calls =
      new ArrayList<>(
          List.of(
              new Call("msg_done", "done", "completed", true, 500),
              new Call("msg_done", "done", "completed", true, 204)));

  Doctored() {
    task("done", "completed", "key", "s-done");
    task("failed", "failed", "key", "s-failed");
    task("idle", "cancelled", "key", null);
    logs.put("done", new Log(List.of(0L, 1L), "digest-1"));
    logs.put("failed", new Log(List.of(0L, 1L), "digest-2"));
    stops.put("s-done", new Stop(2, "digest-1", "end", 2.0));
    stops.put("s-failed", new Stop(2, "digest-2", "end", 4.0));
    deliveries.put("done", new Delivery("msg_done", "delivered", 2));
  }

  /** The row of a task, with two reported log lines if it ran; {@code done} calls back. */
  void task(String id, String status, @Nullable String request, @Nullable String session) {
    Long lines = session == null ? null : 2L;
    tasks.put(id, new TaskRow(id, status, session, null, request, id.equals("done"), lines));
  }

  Evidence evidence() {
    return new Evidence(
        new Told.Facts(asked, acknowledged, ends, contradictions),
        tasks,
        moves,
        logs,
        new RunRecords(starts, stops),
        survivors,
        queues,
        poison,
        deadLetters,
        deliveries,
        calls);
  }
}
