package io.aiopslab.tasks.api.look;

import io.aiopslab.tasks.store.TaskQueries;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Answers now where nothing has to be waited for, and otherwise when the tasks have ended. */
@Component
class WaitForEnds {
  private final TaskQueries tasks;
  private final EndWatcher watcher;

  WaitForEnds(TaskQueries tasks, EndWatcher watcher) {
    this.tasks = tasks;
    this.watcher = watcher;
  }

  /**
   * @return for a handler to return: the answer, or one that is deferred
   */
  Object answer(Set<UUID> ids, WaitFor waitFor, Duration longest, Supplier<?> answer) {
    if (!longest.isZero()) {
      Set<UUID> open = tasks.openAmong(ids);
      boolean reached =
          open.isEmpty() || (waitFor == WaitFor.ANY && !tasks.terminalAmong(ids).isEmpty());
      if (!reached) {
        return watcher.answerAtEnd(open, waitFor, longest, answer);
      }
    }
    return answer.get();
  }
}
