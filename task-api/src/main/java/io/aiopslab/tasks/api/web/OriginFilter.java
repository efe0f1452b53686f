package io.aiopslab.tasks.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses changes that a page of another site asks for, unless CORS names it: browsers send those
 * without asking, and there is no authentication that could miss. What browsers say of a request
 * (Sec-Fetch-Site, else Origin) cannot be written by pages; programs say nothing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 6)
final class OriginFilter extends OncePerRequestFilter {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final Pattern ORIGIN =
      Pattern.compile("(https?)://([^/?#@]+)", Pattern.CASE_INSENSITIVE);

  private final CorsSettings cors;

  OriginFilter(CorsSettings cors) {
    this.cors = cors;
  }

  /** Whether it is from a page of this service itself, or from no page at all. */
  static boolean isOwn(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin") || site.equals("none");
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null || isSame(origin, request.getHeader(HttpHeaders.HOST));
  }

  /** Not by the scheme: behind a proxy that speaks TLS it is another one here. */
  private static boolean isSame(String origin, @Nullable String host) {
    Matcher parts = ORIGIN.matcher(origin);
    if (host == null || !parts.matches()) {
      return false;
    }
    String usual = parts.group(1).equalsIgnoreCase("https") ? ":443" : ":80";
    return without(usual, parts.group(2)).equalsIgnoreCase(without(usual, host));
  }

  private static String without(String port, String host) {
    return host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (SAFE.contains(request.getMethod()) || isOwn(request) || isNamed(request)) {
      chain.doFilter(request, response);
    } else {
      WriteProblem.write(refusal(), request, response);
    }
  }

  private boolean isNamed(HttpServletRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin != null
        && (cors.allowedOrigins().contains(origin) || cors.allowedOrigins().contains("*"));
  }

  static Refusal refusal() {
    return Refusal.of(
        HttpStatus.FORBIDDEN,
        "origin_not_allowed",
        "A page of another site asks for this, which is not done; ask the operator to add its"
            + " origin to aiopslab.api.cors.allowed-origins if it may.");
  }
}
