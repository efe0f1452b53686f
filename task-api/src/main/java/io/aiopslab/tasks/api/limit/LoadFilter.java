package io.aiopslab.tasks.api.limit;

import io.aiopslab.tasks.api.problem.Refusal;
import io.aiopslab.tasks.api.problem.WriteProblem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Overload is answered fast: 503 with Retry-After, instead of a queue without end. Semaphores and
 * not Resilience4j's bulkhead, which bounds how long callers wait but not how many.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
final class LoadFilter extends OncePerRequestFilter {
  private final Gate writes;
  private final Gate reads;
  private final Semaphore waits;
  private final Counter refused;

  LoadFilter(
      LoadSettings settings, TomcatServerProperties tomcat, PoolSize pool, MeterRegistry metrics) {
    settings.check(tomcat.getThreads().getMax(), pool.connections());
    this.writes =
        new Gate(
            settings.writes().concurrent(), settings.writes().queue(), settings.longestQueueing());
    this.reads =
        new Gate(
            settings.reads().concurrent(), settings.reads().queue(), settings.longestQueueing());
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
      passThrough(changes ? writes : reads, request, response, chain);
    } finally {
      if (waiting) {
        releaseAtEnd(request);
      }
    }
  }

  private void passThrough(
      Gate gate, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!gate.enter()) {
      refuse("overloaded", "Too many requests are being served", request, response);
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      gate.leave();
    }
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
