package io.aiopslab.tasks.collector.collect;

import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Started;
import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.trace.LogKeys;
import io.aiopslab.tasks.trace.TaskTraces;
import io.micrometer.tracing.Span;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/**
 * Shows in the trace and the log of each task when the first and the last word of its run were
 * stored. What comes between may be a flood, and has no spans.
 */
@Component
class StoreTraces {
  private static final Logger log = LoggerFactory.getLogger(StoreTraces.class);

  private final TaskTraces traces;

  StoreTraces(TaskTraces traces) {
    this.traces = traces;
  }

  /**
   * @param accepted those of the batch that are committed now
   * @param begun when the store was first asked to take the batch
   */
  void stored(List<Delivery> batch, Collection<RunEvent> accepted, Instant begun) {
    Set<RunEvent> committed = Collections.newSetFromMap(new IdentityHashMap<>());
    committed.addAll(accepted);
    for (Delivery delivery : batch) {
      RunEvent event = delivery.event();
      if (event != null && isFirstOrLast(event) && committed.contains(event)) {
        stored(event, delivery.trace(), begun);
      }
    }
  }

  private static boolean isFirstOrLast(RunEvent event) {
    return event.body() instanceof Started || event.body() instanceof Finished;
  }

  private void stored(RunEvent event, @Nullable TraceParent trace, Instant begun) {
    Span span =
        traces
            .start("store " + event.body().kind(), trace, begun, event.taskId(), event.sessionId())
            .tag("aiopslab.worker.id", event.workerId());
    try (var scope = traces.enter(span);
        var named = LogKeys.run(event.taskId(), event.sessionId());
        var worker = MDC.putCloseable(LogKeys.WORKER, event.workerId())) {
      if (event.body() instanceof Finished finished) {
        String status = finished.status().wire();
        span.tag("aiopslab.status", status);
        log.info("Stored the end of task {}: {}", event.taskId(), status);
      }
    } finally {
      span.end();
    }
  }
}
