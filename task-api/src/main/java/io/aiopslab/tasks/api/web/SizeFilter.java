package io.aiopslab.tasks.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Requests that are too large in any of their parts. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
final class SizeFilter extends OncePerRequestFilter {
  private final SizeSettings settings;

  SizeFilter(SizeSettings settings, ServerProperties server) {
    settings.check(server.getMaxHttpRequestHeaderSize());
    this.settings = settings;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Refusal refusal = tooLarge(request);
    if (refusal == null) {
      chain.doFilter(new BoundedRequest(request, settings.body()), response);
    } else {
      WriteProblem.write(refusal, request, response);
    }
  }

  private @Nullable Refusal tooLarge(HttpServletRequest request) {
    String query = request.getQueryString();
    int url = request.getRequestURI().length() + (query == null ? 0 : 1 + query.length());
    if (url > settings.url().toBytes()) {
      return Refusal.of(
          HttpStatus.URI_TOO_LONG,
          "uri_too_long",
          "Send a shorter URL: path and parameters may have %d bytes."
              .formatted(settings.url().toBytes()));
    }
    if (headers(request) > settings.headers().toBytes()) {
      return Refusal.of(
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          "headers_too_large",
          "Send fewer or smaller headers: together they may have %d bytes."
              .formatted(settings.headers().toBytes()));
    }
    return request.getContentLengthLong() > settings.body().toBytes()
        ? BoundedRequest.tooLarge(settings.body())
        : null;
  }

  private static long headers(HttpServletRequest request) {
    long size = 0;
    for (String name : Collections.list(request.getHeaderNames())) {
      for (String value : Collections.list(request.getHeaders(name))) {
        size += (long) name.length() + value.length() + ": \r\n".length();
      }
    }
    return size;
  }
}
