package io.aiopslab.tasks.api.look;

import io.aiopslab.tasks.store.TaskQueries;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/** Answers now where nothing has to be waited for, and otherwise when the tasks have ended. */
@Component
class WaitForEnds {
  private final TaskQueries tasks;
  private final EndWatcher watcher;

  WaitForEnds(TaskQueries tasks, EndWatcher watcher) {
    this.tasks = tasks;
    this.watcher = watcher;
  }

  <T> DeferredResult<T> answer(
      Set<UUID> ids, WaitFor waitFor, Duration longest, Supplier<T> answer) {
    if (!longest.isZero()) {
      Set<UUID> open = tasks.openAmong(ids);
      boolean reached =
          open.isEmpty() || (waitFor == WaitFor.ANY && !tasks.terminalAmong(ids).isEmpty());
      if (!reached) {
        return watcher.answerAtEnd(open, waitFor, longest, answer);
      }
    }
    DeferredResult<T> now = new DeferredResult<>();
    now.setResult(answer.get());
    return now;
  }
}
