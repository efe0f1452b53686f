package io.aiopslab.tasks.api.look;

import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskQueries;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Wakes those who wait for the end of a task or for a group to be done. One thread asks for all of
 * them with one query, and only while somebody waits; no request holds a thread.
 */
@Component
public class EndWatcher implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(EndWatcher.class);

  /** The answer itself takes time too; this is only for a watcher that has died. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final TaskQueries tasks;
  private final TaskGroups groups;
  private final Set<Waiting<?>> waiting = ConcurrentHashMap.newKeySet();
  private final ExecutorService answers =
      Executors.newFixedThreadPool(
          4,
          work -> {
            Thread thread = new Thread(work, "end-watcher-answers");
            thread.setDaemon(true);
            return thread;
          });
  private final LookRounds rounds = new LookRounds("end-watcher", waiting::isEmpty, this::runOnce);

  EndWatcher(TaskQueries tasks, TaskGroups groups) {
    this.tasks = tasks;
    this.groups = groups;
  }

  /**
   * @param id of a task or of a group that exists
   * @param answer what to answer, computed when it has ended or the time is over
   */
  public <T> DeferredResult<T> answerAtEnd(UUID id, Duration longest, Supplier<T> answer) {
    return answerAtEnd(Set.of(id), WaitFor.ALL, longest, answer);
  }

  /**
   * @param taskIds of tasks that exist
   * @param answer what to answer, computed when they have ended or the time is over
   */
  <T> DeferredResult<T> answerAtEnd(
      Set<UUID> taskIds, WaitFor waitFor, Duration longest, Supplier<T> answer) {
    DeferredResult<T> result = new DeferredResult<>(longest.plus(GRACE).toMillis());
    Waiting<T> entry =
        new Waiting<>(taskIds, waitFor, System.nanoTime() + longest.toNanos(), result, answer);
    result.onCompletion(() -> waiting.remove(entry));
    waiting.add(entry);
    if (rounds.isRunning()) {
      rounds.begin();
    } else {
      answer(List.of(entry));
    }
    return result;
  }

  /**
   * Answers those whose task has ended or whose time is over. While the database is away the latter
   * hear of that at once: to ask it again for their answer would take as long once more.
   */
  void runOnce() {
    try {
      Set<UUID> open = open();
      Set<UUID> ended = tasks.terminalAmong(open);
      ended.addAll(groups.doneAmong(open));
      answer(waiting.stream().filter(entry -> entry.isReachedBy(ended) || entry.isOver()).toList());
    } catch (DataAccessException | TransactionException e) {
      log.debug("Cannot see now which tasks have ended", e);
      for (Waiting<?> entry : waiting.stream().filter(Waiting::isOver).toList()) {
        if (waiting.remove(entry)) {
          answers.execute(() -> entry.fail(e));
        }
      }
    }
  }

  private Set<UUID> open() {
    return waiting.stream()
        .flatMap(entry -> entry.open.stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private void answer(List<Waiting<?>> entries) {
    for (Waiting<?> entry : entries) {
      if (waiting.remove(entry)) {
        answers.execute(entry::answer);
      }
    }
  }

  @Override
  public void start() {
    rounds.start();
  }

  /** Before the web server stops: everybody gets the task as it is, nobody waits in vain. */
  @Override
  public void stop() {
    rounds.stop();
    answer(List.copyOf(waiting));
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }

  /** Not a record: it is the same however many of its tasks have ended. */
  private static final class Waiting<T> {
    private final Set<UUID> open = ConcurrentHashMap.newKeySet();
    private final WaitFor waitFor;
    private final long end;
    private final DeferredResult<T> result;
    private final Supplier<T> view;

    Waiting(
        Set<UUID> taskIds, WaitFor waitFor, long end, DeferredResult<T> result, Supplier<T> view) {
      this.open.addAll(taskIds);
      this.waitFor = waitFor;
      this.end = end;
      this.result = result;
      this.view = view;
    }

    boolean isReachedBy(Set<UUID> ended) {
      boolean some = open.removeAll(ended);
      return open.isEmpty() || (some && waitFor == WaitFor.ANY);
    }

    boolean isOver() {
      return end - System.nanoTime() <= 0;
    }

    void fail(RuntimeException failure) {
      result.setErrorResult(failure);
    }

    void answer() {
      LateAnswer.give(result, view);
    }
  }
}
