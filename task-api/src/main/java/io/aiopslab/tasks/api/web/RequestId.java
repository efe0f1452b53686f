package io.aiopslab.tasks.api.web;

import com.github.f4b6a3.uuid.UuidCreator;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * One name for a request in its answer, its problem and the log: the client's own, if it is one.
 * The one place that every answer passes, so also where browsers are told to take it as what it
 * says.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RequestId extends OncePerRequestFilter {
  static final String HEADER = "X-Request-Id";
  private static final String KEY = "request_id";
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  static @Nullable String current() {
    return MDC.get(KEY);
  }

  /** Runs work in the name of a request, which the answer is told. */
  static void in(HttpServletRequest request, HttpServletResponse response, Work work)
      throws IOException, ServletException {
    Object known = request.getAttribute(KEY);
    String id = known == null ? choose(request.getHeader(HEADER)) : known.toString();
    request.setAttribute(KEY, id);
    response.setHeader(HEADER, id);
    response.setHeader("X-Content-Type-Options", "nosniff");
    MDC.put(KEY, id);
    try {
      work.run();
    } finally {
      MDC.remove(KEY);
    }
  }

  private static String choose(@Nullable String offered) {
    return offered != null && FORM.matcher(offered).matches()
        ? offered
        : UuidCreator.getTimeOrderedEpoch().toString();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    in(request, response, () -> chain.doFilter(request, response));
  }

  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  @Override
  protected boolean shouldNotFilterErrorDispatch() {
    return false;
  }

  @FunctionalInterface
  interface Work {
    void run() throws IOException, ServletException;
  }
}
