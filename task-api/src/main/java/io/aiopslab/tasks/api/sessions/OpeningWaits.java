package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.look.EndWatcher;
import io.aiopslab.tasks.api.look.LateAnswer;
import io.aiopslab.tasks.api.look.LookRounds;
import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.store.Sessions;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
 * Those who wait until a session is open, has ended, or their time is over. One thread asks for all
 * of them with one query, and only while somebody waits.
 */
@Component
class OpeningWaits implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(OpeningWaits.class);

  private final Sessions sessions;
  private final EndWatcher ends;
  private final int most;
  private final Set<Waiting<?>> waiting = ConcurrentHashMap.newKeySet();
  private final LookRounds rounds =
      new LookRounds("opening-waits", waiting::isEmpty, this::runOnce);

  OpeningWaits(Sessions sessions, EndWatcher ends, SessionSettings settings) {
    this.sessions = sessions;
    this.ends = ends;
    this.most = settings.waits();
  }

  private record Waiting<T>(UUID id, DeferredResult<T> result, Supplier<T> answer) {
    void answerNow() {
      LateAnswer.give(result, answer);
    }
  }

  /**
   * @param answer what to answer, computed when the time has come
   */
  <T> DeferredResult<T> await(UUID id, Duration longest, Supplier<T> answer) {
    if (waiting.size() >= most) {
      throw Refusal.unavailable(
          "too_many_waits",
          "Too many requests are waiting; send the request again after the seconds in Retry-After.");
    }
    DeferredResult<T> result = ends.answerAtEnd(id, longest, answer);
    waiting.add(new Waiting<>(id, result, answer));
    rounds.begin();
    return result;
  }

  private void runOnce() {
    waiting.removeIf(entry -> entry.result.isSetOrExpired());
    try {
      Set<UUID> open =
          sessions.openAmong(
              waiting.stream().map(Waiting::id).collect(Collectors.toUnmodifiableSet()));
      waiting.stream().filter(entry -> open.contains(entry.id)).forEach(Waiting::answerNow);
    } catch (DataAccessException | TransactionException e) {
      log.debug("Cannot see now which sessions are open", e);
    }
  }

  @Override
  public void start() {
    rounds.start();
  }

  @Override
  public void stop() {
    rounds.stop();
  }

  @Override
  public boolean isRunning() {
    return rounds.isRunning();
  }
}
