package io.aiopslab.tasks.api.web;

import io.aiopslab.tasks.api.web.BufferedRequest.Budget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Overload is answered fast: 503 with Retry-After, instead of a queue without end. Semaphores and
 * not Resilience4j's bulkhead, which bounds how long callers wait but not how many.
 *
 * <p>Bodies are read before a turn is taken, so that slow clients keep nobody's turn. Workers have
 * a gate and bytes of their own: however many submissions there are, running tasks are heard.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
final class LoadFilter extends OncePerRequestFilter {
  private final Gate writes;
  private final Gate reads;
  private final Gate workers;
  private final Budget writtenBytes;
  private final Budget workersBytes;
  private final Duration longestUpload;
  private final Semaphore waits;
  private final Counter refused;

  LoadFilter(
      LoadSettings settings,
      SizeSettings sizes,
      TomcatServerProperties tomcat,
      PoolSize pool,
      MeterRegistry metrics) {
    settings.check(tomcat.getThreads().getMax(), pool.connections(), sizes.body());
    this.writes =
        new Gate(
            settings.writes().concurrent(), settings.writes().queue(), settings.longestQueueing());
    this.reads =
        new Gate(
            settings.reads().concurrent(), settings.reads().queue(), settings.longestQueueing());
    this.workers =
        new Gate(
            settings.workers().concurrent(),
            settings.workers().queue(),
            settings.longestQueueing());
    this.writtenBytes = new Budget((int) settings.bodies().toBytes());
    this.workersBytes = new Budget((int) settings.bodies().toBytes());
    this.longestUpload = settings.longestUpload();
    this.waits = new Semaphore(settings.waits());
    this.refused =
        Counter.builder("aiopslab.requests.refused")
            .description("Requests that were answered 503 because of too many others")
            .register(metrics);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getRequestURI().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean changes =
        switch (request.getMethod()) {
          case "GET", "HEAD", "OPTIONS" -> false;
          default -> true;
        };
    boolean waiting = !changes && asksToWait(request);
    if (waiting && !waits.tryAcquire()) {
      refuse("too_many_waits", "Too many requests are waiting", request, response);
      return;
    }
    try {
      if (!changes) {
        passThrough(reads, request, response, chain);
      } else if (isOfWorker(request.getRequestURI())) {
        readAndPass(workers, workersBytes, request, response, chain);
      } else {
        readAndPass(writes, writtenBytes, request, response, chain);
      }
    } finally {
      if (waiting) {
        releaseAtEnd(request);
      }
    }
  }

  /** Calls of the HTTP worker protocol; what operators want of a worker is not part of it. */
  private static boolean isOfWorker(String path) {
    return path.startsWith("/api/v1/workers/")
        && (path.contains("/tasks/")
            || path.endsWith("/register")
            || path.endsWith("/heartbeat")
            || path.endsWith("/claim")
            || path.endsWith("/sign-off"));
  }

  private void passThrough(
      Gate gate, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!gate.takePlace()) {
      refuse(request, response);
      return;
    }
    try {
      takeTurn(gate, request, response, chain);
    } finally {
      gate.giveBack();
    }
  }

  private void readAndPass(
      Gate gate,
      Budget bytes,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws IOException, ServletException {
    if (!gate.takePlace()) {
      refuse(request, response);
      return;
    }
    try {
      BufferedRequest whole = read(bytes, request, response);
      if (whole != null) {
        try {
          takeTurn(gate, whole, response, chain);
        } finally {
          bytes.giveBack(whole.size());
        }
      }
    } finally {
      gate.giveBack();
    }
  }

  /**
   * @return null if it was answered
   */
  private @Nullable BufferedRequest read(
      Budget bytes, HttpServletRequest request, HttpServletResponse response) throws IOException {
    try {
      return BufferedRequest.read(request, bytes, longestUpload);
    } catch (Refusal refusal) {
      WriteProblem.write(refusal, request, response);
      return null;
    } catch (IOException e) {
      // Tomcat has answered, 408 or 400, if there is anybody to read it.
      logger.debug("The body of a request did not come", e);
      return null;
    }
  }

  private void takeTurn(
      Gate gate, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!gate.enter()) {
      refuse(request, response);
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      gate.leave();
    }
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    refuse("overloaded", "Too many requests are being served", request, response);
  }

  private void refuse(
      String code, String what, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    refused.increment();
    WriteProblem.write(
        Refusal.unavailable(
            code, what + "; send the request again after the seconds in Retry-After."),
        request,
        response);
  }

  /** Not by getParameter, which would read the body of a form. */
  private static boolean asksToWait(HttpServletRequest request) {
    String query = request.getQueryString();
    return query != null && (query.startsWith("wait=") || query.contains("&wait="));
  }

  private void releaseAtEnd(HttpServletRequest request) {
    if (request.isAsyncStarted()) {
      request.getAsyncContext().addListener(new Release());
    } else {
      waits.release();
    }
  }

  private final class Release implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
      waits.release();
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}
