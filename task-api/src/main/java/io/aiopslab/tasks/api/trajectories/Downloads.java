package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.api.web.WriteProblem;
import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.loop.Threads;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Answers that are too large for memory, and take as long as their clients need: on threads of
 * their own. So many are written at once; a client that does not take what was written is waited
 * for beside them, until somebody else needs its place.
 */
@Component
class Downloads {
  private static final Logger log = LoggerFactory.getLogger(Downloads.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final FeedSettings settings;
  private final Semaphore free;
  private final Semaphore turns;
  private final ThreadPoolExecutor writers;
  private final Set<ClientPace> served = ConcurrentHashMap.newKeySet();
  private final Loop rounds;

  Downloads(FeedSettings settings, Loops loops) {
    this.settings = settings;
    this.free = new Semaphore(settings.most());
    this.turns = new Semaphore(settings.writers());
    this.writers = Threads.pool("trajectory-writer", settings.writers() + settings.slowClients());
    this.rounds =
        loops
            .loop("trajectory-places")
            .every(LOOK)
            .onlyWhile(() -> !writers.getQueue().isEmpty())
            .run(this::makeRoom);
  }

  /**
   * As many slow clients have to go as answers wait for a place, those first for which has been
   * waited longest. They see that their answer is incomplete, and can go on at their cursor.
   */
  private void makeRoom() {
    long leaving = served.stream().filter(ClientPace::isLeft).count();
    served.stream()
        .filter(pace -> !pace.isLeft() && pace.isSlow())
        .sorted(Comparator.comparingLong(ClientPace::waitedNanos).reversed())
        .limit(Math.max(0, writers.getQueue().size() - leaving))
        .forEach(
            pace -> {
              pace.leave();
              log.info(
                  "A reader of trajectories that was waited for {} s has to make room for others",
                  Duration.ofNanos(pace.waitedNanos()).toSeconds());
            });
  }

  private void execute(Runnable work) {
    writers.execute(work);
    rounds.wake();
  }

  /** Writes an answer. What it throws before anything was sent is answered with a problem. */
  interface Answer {
    void write(HttpServletResponse response, ClientPace pace) throws IOException;
  }

  /**
   * Takes a request over from its thread.
   *
   * @throws Refusal if as many are open as are allowed
   */
  Open open(HttpServletRequest request, HttpServletResponse response) {
    if (!free.tryAcquire()) {
      throw Refusal.unavailable(
          "too_many_streams",
          "%d requests for trajectories are open, which is the most; try again after the seconds in"
                  .formatted(settings.most())
              + " Retry-After.");
    }
    boolean taken = false;
    try {
      Open open = new Open(request, response);
      taken = true;
      return open;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }

  /** A request that is answered later, once. */
  final class Open implements AsyncListener {
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext context;
    private final AtomicBoolean released = new AtomicBoolean();

    private Open(HttpServletRequest request, HttpServletResponse response) {
      this.request = request;
      this.response = response;
      this.context = request.startAsync();
      context.setTimeout(0);
      context.addListener(this);
    }

    /** Whether it has its answer, or its client is gone. */
    boolean isOver() {
      return released.get();
    }

    void answer(Answer answer) {
      execute(() -> write(answer));
    }

    /** Does something else for it first; if that fails, the request is answered so. */
    void go(Runnable work) {
      execute(
          () -> {
            turns.acquireUninterruptibly();
            try {
              work.run();
            } catch (RuntimeException | Error e) {
              sayWhatIsWrong(e);
              complete();
            } finally {
              turns.release();
            }
          });
    }

    private void write(Answer answer) {
      ClientPace pace = new ClientPace(turns, settings.longest());
      pace.takeTurn();
      served.add(pace);
      try {
        answer.write(response, pace);
      } catch (IOException | JacksonIOException e) {
        log.debug("The client of {} is gone", request.getRequestURI(), e);
      } catch (RuntimeException | Error e) {
        sayWhatIsWrong(e);
      } finally {
        served.remove(pace);
        pace.giveUpTurn();
        complete();
      }
    }

    /** An answer that has begun stays incomplete, which its reader sees. */
    private void sayWhatIsWrong(Throwable failure) {
      Refusal refusal = refusal(failure);
      try {
        if (!released.get() && !response.isCommitted()) {
          response.resetBuffer();
          WriteProblem.write(refusal, request, response);
        }
      } catch (IOException | RuntimeException e) {
        log.debug("The client is gone", e);
      }
    }

    private Refusal refusal(Throwable failure) {
      if (failure instanceof Refusal refusal) {
        return refusal;
      }
      if (failure instanceof DataAccessException || failure instanceof TransactionException) {
        log.warn("The database does not answer a reader of trajectories: {}", failure.toString());
        return Refusal.unavailable(
            "database_unavailable",
            "The database does not answer; send the request again after the seconds in Retry-After.");
      }
      log.error("An answer with trajectories could not be written", failure);
      return Refusal.of(
          HttpStatus.INTERNAL_SERVER_ERROR,
          "internal",
          "The service failed; try again, and tell its operator if it goes on.");
    }

    private void complete() {
      try {
        context.complete();
      } catch (IllegalStateException e) {
        log.debug("An answer had ended already", e);
      }
      release();
    }

    private void release() {
      if (released.compareAndSet(false, true)) {
        free.release();
      }
    }

    @Override
    public void onComplete(AsyncEvent event) {
      release();
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }
}
