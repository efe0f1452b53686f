package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.loop.Waits;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskQueries;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/** Answers requests that wait for the ends of tasks, or for a group to be done. */
@Component
public class WaitForEnds {
  private static final Duration INTERVAL = Duration.ofMillis(50);
  private static final int ANSWERS = 4;

  private final TaskQueries tasks;
  private final TaskGroups groups;
  private final Waits<Ends> waits;

  WaitForEnds(TaskQueries tasks, TaskGroups groups, Loops loops) {
    this.tasks = tasks;
    this.groups = groups;
    this.waits =
        new Waits<>(
            loops
                .loop("wait-for-ends")
                .saying("Cannot see now which tasks have ended; who waits for them waits on"),
            INTERVAL,
            this::reached,
            Threads.pool("wait-for-ends-answers", ANSWERS));
  }

  /** Not a record: it is the same however many of its tasks have ended. */
  private static final class Ends {
    private final Set<UUID> open;
    private final WaitFor waitFor;

    Ends(Set<UUID> open, WaitFor waitFor) {
      this.open = new HashSet<>(open);
      this.waitFor = waitFor;
    }

    boolean isReachedBy(Set<UUID> ended) {
      boolean some = open.removeAll(ended);
      return open.isEmpty() || (some && waitFor == WaitFor.ANY);
    }
  }

  private List<Ends> reached(List<Ends> waited) {
    Set<UUID> open =
        waited.stream().flatMap(ends -> ends.open.stream()).collect(Collectors.toUnmodifiableSet());
    Set<UUID> ended = new HashSet<>(tasks.terminalAmong(open));
    ended.addAll(groups.doneAmong(open));
    return waited.stream().filter(ends -> ends.isReachedBy(ended)).toList();
  }

  /**
   * @param id of a task or of a group that exists
   * @param answer what to answer, computed when it has ended or the time is over
   */
  public <T> DeferredResult<T> answerAtEnd(UUID id, Duration longest, Supplier<T> answer) {
    return LateAnswer.when(waits, new Ends(Set.of(id), WaitFor.ALL), longest, answer);
  }

  /**
   * Answers now where nothing has to be waited for.
   *
   * @return for a handler to return: the answer, or one that is deferred
   */
  Object answer(Set<UUID> ids, WaitFor waitFor, Duration longest, Supplier<?> answer) {
    if (!longest.isZero()) {
      Set<UUID> open = tasks.openAmong(ids);
      boolean reached =
          open.isEmpty() || (waitFor == WaitFor.ANY && !tasks.terminalAmong(ids).isEmpty());
      if (!reached) {
        return LateAnswer.when(waits, new Ends(open, waitFor), longest, answer);
      }
    }
    return answer.get();
  }
}
