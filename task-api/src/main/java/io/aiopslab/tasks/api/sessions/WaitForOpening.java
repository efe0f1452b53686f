package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.tasks.LateAnswer;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Threads;
import io.aiopslab.tasks.loop.Waits;
import io.aiopslab.tasks.store.Sessions;
import io.aiopslab.tasks.store.TaskQueries;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;

/** Answers requests that wait until a session is open or has ended. */
@Component
class WaitForOpening {
  private static final Duration INTERVAL = Duration.ofMillis(50);
  private static final int ANSWERS = 4;

  private final Waits<UUID> waits;
  private final int most;

  WaitForOpening(Sessions sessions, TaskQueries tasks, SessionSettings settings, Loops loops) {
    this.most = settings.waits();
    this.waits =
        new Waits<>(
            loops
                .loop("wait-for-opening")
                .saying("Cannot see now which sessions are open; who waits for them waits on"),
            INTERVAL,
            waited -> openOrEnded(waited, sessions, tasks),
            Threads.pool("wait-for-opening-answers", ANSWERS));
  }

  private static Set<UUID> openOrEnded(List<UUID> waited, Sessions sessions, TaskQueries tasks) {
    Set<UUID> ids = Set.copyOf(waited);
    Set<UUID> met = new HashSet<>(sessions.openAmong(ids));
    met.addAll(tasks.terminalAmong(ids));
    return met;
  }

  /**
   * @param answer what to answer, computed when the time has come
   */
  <T> DeferredResult<T> answer(UUID id, Duration longest, Supplier<T> answer) {
    if (waits.size() >= most) {
      throw AnswerWaits.tooMany();
    }
    return LateAnswer.when(waits, id, longest, answer);
  }
}
