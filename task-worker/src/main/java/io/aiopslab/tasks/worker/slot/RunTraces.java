package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.trace.LogKeys;
import io.aiopslab.tasks.trace.TaskTraces;
import io.aiopslab.tasks.worker.run.Claim;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts a run into the trace of its task, behind its claim, and its name into the log. */
@Component
class RunTraces {
  private final TaskTraces traces;
  private final Clock clock;

  RunTraces(TaskTraces traces, Clock clock) {
    this.traces = traces;
    this.clock = clock;
  }

  /** The span of a run, current on the thread that began it until it is closed there. */
  record Run(Span span, Tracer.SpanInScope scope, LogKeys.Run named) implements AutoCloseable {
    @Override
    public void close() {
      scope.close();
      span.end();
      named.close();
    }
  }

  /** To be called when the claim was won; until then nobody knew the trace that it is part of. */
  Run enter(Claim claim) {
    Instant now = clock.instant();
    Instant begun = now.minusNanos(System.nanoTime() - claim.claimedNanos());
    @Nullable TraceParent won =
        TaskTraces.parent(end(span(claim, "claim task", claim.task().trace(), begun)));
    Span run = span(claim, "run task", won, now);
    LogKeys.Run named = LogKeys.run(claim.task().id(), claim.run().sessionId());
    return new Run(run, traces.enter(run), named);
  }

  private Span span(Claim claim, String name, @Nullable TraceParent parent, Instant begun) {
    return traces
        .start(name, parent, begun, claim.task().id(), claim.run().sessionId())
        .tag("aiopslab.worker.id", claim.run().workerId())
        .tag("aiopslab.backend_type", claim.task().spec().backendType());
  }

  private static Span end(Span span) {
    span.end();
    return span;
  }
}
