package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.relay.TicketRelay;
import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.store.IdempotencyKeys;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.trace.LogKeys;
import io.aiopslab.tasks.trace.TaskTraces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/** Tasks are accepted once they are committed; their tickets follow when the broker takes them. */
@Component
class AcceptTasks {
  private static final Logger log = LoggerFactory.getLogger(AcceptTasks.class);

  private final IdempotencyKeys keys;
  private final TaskQueries queries;
  private final TransactionOperations transaction;
  private final TicketRelay relay;
  private final TaskTraces traces;
  private final Counter submitted;
  private final Counter replayed;

  AcceptTasks(
      IdempotencyKeys keys,
      TaskQueries queries,
      TransactionOperations transaction,
      TicketRelay relay,
      TaskTraces traces,
      MeterRegistry metrics) {
    this.keys = keys;
    this.queries = queries;
    this.transaction = transaction;
    this.relay = relay;
    this.traces = traces;
    this.submitted =
        Counter.builder("aiopslab.tasks.submitted")
            .description("Tasks that were accepted")
            .register(metrics);
    this.replayed =
        Counter.builder("aiopslab.submissions.replayed")
            .description("Repeated submissions that were answered with their first tasks")
            .register(metrics);
  }

  /**
   * @param replayed whether these are the tasks of an earlier, equal submission
   */
  record Accepted(List<Task> tasks, boolean replayed) {}

  /** Stores tasks with these ids, all or none, as work that continues the trace. */
  interface Insert {
    List<Task> apply(List<UUID> ids, @Nullable TraceParent trace);
  }

  /**
   * @param once null for a submission that may take effect as often as it is sent
   * @throws Refusal if the key has been used for another submission
   */
  Accepted accept(@Nullable Once once, int count, Insert insert) {
    List<UUID> ids = Stream.generate(TaskSubmissions::nextId).limit(count).toList();
    List<Task> tasks =
        once == null ? insert.apply(ids, traces.current()) : insertOnce(once, ids, insert);
    if (tasks.isEmpty() && once != null) {
      return replay(once);
    }
    submitted.increment(tasks.size());
    if (tasks.size() == 1) {
      traces.name(ids.get(0));
    }
    tasks.forEach(this::accepted);
    return new Accepted(tasks, false);
  }

  private void accepted(Task task) {
    relay.offer(Ticket.of(task.id(), task.spec().backendType(), task.trace()));
    if (log.isDebugEnabled()) {
      try (var named = LogKeys.task(task.id())) {
        log.debug("Accepted task {} for backend {}", task.id(), task.spec().backendType());
      }
    }
  }

  /** Nothing if the key is taken. A failure leaves neither tasks nor key. */
  private List<Task> insertOnce(Once once, List<UUID> ids, Insert insert) {
    return transaction.execute(
        open ->
            keys.keep(once.key(), once.bodyHash(), ids)
                ? insert.apply(ids, traces.current())
                : List.of());
  }

  private Accepted replay(Once once) {
    IdempotencyKeys.Kept first = keys.find(once.key()).orElseThrow();
    if (!first.bodyHash().equals(once.bodyHash())) {
      throw Refusal.conflict(
          "idempotency_key_reused",
          "This Idempotency-Key was used for another submission; send this one with a key of its"
              + " own.");
    }
    replayed.increment();
    return new Accepted(queries.findAll(first.taskIds()), true);
  }
}
