package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.relay.RemoveStaleTickets;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.BulkCancels;
import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskCancels.Order;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.task.Task;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** A cancel counts once it is committed; the command to the worker follows. */
@Component
public class AskForEnd {
  private static final int STEP = 1000;
  private static final int MOST = 100_000;

  private final TaskCancels cancels;
  private final BulkCancels bulk;
  private final ReadTask read;
  private final CancelRelay relay;
  private final RemoveStaleTickets tickets;
  private final Counter pendingAsked;
  private final Counter runningAsked;

  AskForEnd(
      TaskCancels cancels,
      BulkCancels bulk,
      ReadTask read,
      CancelRelay relay,
      RemoveStaleTickets tickets,
      MeterRegistry metrics) {
    this.cancels = cancels;
    this.bulk = bulk;
    this.read = read;
    this.relay = relay;
    this.tickets = tickets;
    this.pendingAsked = counter(metrics, "pending");
    this.runningAsked = counter(metrics, "running");
  }

  /**
   * @return the task, cancelled or running to its end
   * @throws Refusal if there is no such task, or it has ended
   */
  Task of(UUID id, @Nullable String reason) {
    Optional<Task> asked = ask(id, reason);
    if (asked.isPresent()) {
      return asked.get();
    }
    Task task = requestedBefore(id);
    tellWorker(task);
    return task;
  }

  /** Likewise, where an end of its own is as good. */
  public void unlessEnded(UUID id, String reason) {
    ask(id, reason);
  }

  /** Twice, because between the two questions of one try an unheard claim may be undone. */
  private Optional<Task> ask(UUID id, @Nullable String reason) {
    return askOnce(id, reason).or(() -> askOnce(id, reason));
  }

  private Optional<Task> askOnce(UUID id, @Nullable String reason) {
    Optional<Task> pending = cancels.cancelPending(id, reason);
    if (pending.isPresent()) {
      pendingAsked.increment();
      tickets.left(pending.get().spec().backendType(), 1);
      return pending;
    }
    Optional<Task> running = cancels.request(id, reason);
    running.ifPresent(this::tellWorker);
    return running;
  }

  private void tellWorker(Task task) {
    Task.Run run = task.run();
    if (run != null) {
      relay.offer(new Order(run.workerId(), task.id(), run.sessionId()));
    }
    runningAsked.increment();
  }

  /**
   * @param pending how many were cancelled
   * @param running how many are to end
   * @param more whether there are more than one call takes
   */
  record Many(int pending, int running, boolean more) {}

  /** The same for all that a filter means and that have not ended; in steps, each for good. */
  Many ofAll(TaskFilter filter, @Nullable String reason) {
    List<UUID> open = bulk.open(filter, MOST + 1);
    List<UUID> meant = open.subList(0, Math.min(MOST, open.size()));
    int pending = 0;
    int running = 0;
    for (int from = 0; from < meant.size(); from += STEP) {
      List<UUID> some = meant.subList(from, Math.min(from + STEP, meant.size()));
      BulkCancels.Many step = bulk.cancel(some, "api", reason);
      step.running().forEach(relay::offer);
      step.pending().forEach(tickets::left);
      pending += step.cancelled();
      running += step.running().size();
    }
    pendingAsked.increment(pending);
    runningAsked.increment(running);
    return new Many(pending, running, open.size() > MOST);
  }

  private Task requestedBefore(UUID id) {
    Task task = read.find(id);
    if (task.status().isTerminal()) {
      throw Refusal.conflict(
          "task_already_ended",
          "Task %s is %s already, and an end is final; GET it for what it left behind."
              .formatted(id, task.status().wire()));
    }
    return task;
  }

  private static Counter counter(MeterRegistry metrics, String status) {
    return Counter.builder("aiopslab.cancels.requested")
        .description("Wishes that a task shall end, by what it was at that moment")
        .tag("status", status)
        .register(metrics);
  }
}
