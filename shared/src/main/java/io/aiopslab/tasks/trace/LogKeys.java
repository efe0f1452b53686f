package io.aiopslab.tasks.trace;

import java.util.Map;
import java.util.UUID;
import org.slf4j.MDC;

/** Names under which every log record says what it is about: keys of the MDC, where known. */
public final class LogKeys {
  public static final String TASK = "task_id";
  public static final String SESSION = "session_id";
  public static final String WORKER = "worker_id";
  static final String TRACE = "trace_id";
  static final String SPAN = "span_id";

  private LogKeys() {}

  /** Names a task in the log records of this thread until it is closed. */
  public static MDC.MDCCloseable task(UUID task) {
    return MDC.putCloseable(TASK, task.toString());
  }

  /** Names a run as well. */
  public static Run run(UUID task, UUID session) {
    return new Run(task(task), MDC.putCloseable(SESSION, session.toString()));
  }

  public record Run(MDC.MDCCloseable task, MDC.MDCCloseable session) implements AutoCloseable {
    @Override
    public void close() {
      task.close();
      session.close();
    }
  }

  /** Work that says, on whatever thread, what it is about as the thread says that calls this. */
  public static Runnable carried(Runnable work) {
    Map<String, String> keys = MDC.getCopyOfContextMap();
    return keys == null
        ? work
        : () -> {
          MDC.setContextMap(keys);
          try {
            work.run();
          } finally {
            MDC.clear();
          }
        };
  }
}
