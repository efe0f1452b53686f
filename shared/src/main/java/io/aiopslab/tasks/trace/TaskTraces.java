package io.aiopslab.tasks.trace;

import io.aiopslab.tasks.task.TraceParent;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Spans of the work on one task, which continue the trace that its row names. */
@Component
public class TaskTraces {
  private static final String TASK = "aiopslab.task.id";

  private final Tracer tracer;

  public TaskTraces(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Where the work of this thread is; null outside of any trace. */
  public @Nullable TraceParent current() {
    TraceContext context = tracer.currentTraceContext().context();
    return context == null ? null : parent(context);
  }

  /** Says in the current span which task it is about. */
  public void name(UUID taskId) {
    Span span = tracer.currentSpan();
    if (span != null) {
      span.tag(TASK, taskId.toString());
    }
  }

  /** What continues from the span; null where tracing is turned off. */
  public static @Nullable TraceParent parent(Span span) {
    return parent(span.context());
  }

  private static @Nullable TraceParent parent(TraceContext context) {
    boolean sampled = Boolean.TRUE.equals(context.sampled());
    return TraceParent.parse(
        new TraceParent(context.traceId(), context.spanId(), sampled).header());
  }

  /**
   * A span that has begun and is not the thread's current one.
   *
   * @param name of the step, the same for every task
   * @param parent null begins a trace
   */
  public Span start(
      String name, @Nullable TraceParent parent, Instant begun, UUID taskId, UUID sessionId) {
    Span.Builder builder =
        tracer
            .spanBuilder()
            .name(name)
            .kind(Span.Kind.CONSUMER)
            .startTimestamp(nanos(begun), TimeUnit.NANOSECONDS)
            .tag(TASK, taskId.toString())
            .tag("aiopslab.session.id", sessionId.toString());
    return (parent == null ? builder.setNoParent() : builder.setParent(context(parent))).start();
  }

  /** Runs the rest of the block in the span, for log lines too. */
  public Tracer.SpanInScope enter(Span span) {
    return tracer.withSpan(span);
  }

  private TraceContext context(TraceParent parent) {
    return tracer
        .traceContextBuilder()
        .traceId(parent.traceId())
        .spanId(parent.spanId())
        .sampled(parent.sampled())
        .build();
  }

  private static long nanos(Instant instant) {
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }
}
