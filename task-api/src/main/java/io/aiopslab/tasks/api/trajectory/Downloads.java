package io.aiopslab.tasks.api.trajectory;

import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.api.problem.WriteProblem;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
 * their own, so that slow clients are in nobody else's way.
 */
@Component
class Downloads {
  private static final Logger log = LoggerFactory.getLogger(Downloads.class);

  private final FeedSettings settings;
  private final Semaphore free;
  private final ThreadPoolExecutor writers;

  Downloads(FeedSettings settings) {
    this.settings = settings;
    this.free = new Semaphore(settings.most());
    this.writers =
        new ThreadPoolExecutor(
            settings.writers(),
            settings.writers(),
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "trajectory-writer");
              thread.setDaemon(true);
              return thread;
            });
    this.writers.allowCoreThreadTimeOut(true);
  }

  /** Writes an answer. What it throws before anything was sent is answered with a problem. */
  interface Answer {
    void write(HttpServletResponse response, TimeLeft timeLeft) throws IOException;
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

    void answer(Answer answer) {
      writers.execute(() -> write(answer));
    }

    /** Does something else for it first; if that fails, the request is answered so. */
    void go(Runnable work) {
      writers.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException e) {
              sayWhatIsWrong(e);
              complete();
            }
          });
    }

    private void write(Answer answer) {
      try {
        answer.write(response, new TimeLeft(settings.longest()));
      } catch (IOException | JacksonIOException e) {
        log.debug("The client of {} is gone", request.getRequestURI(), e);
      } catch (RuntimeException e) {
        sayWhatIsWrong(e);
      } finally {
        complete();
      }
    }

    /** An answer that has begun stays incomplete, which its reader sees. */
    private void sayWhatIsWrong(RuntimeException failure) {
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

    private Refusal refusal(RuntimeException failure) {
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
