package io.aiopslab.tasks.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers only under its own names. Otherwise a foreign page whose name is made to lead here (DNS
 * rebinding) would be this service's own page to a browser, and could read and change all.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 4)
final class HostFilter extends OncePerRequestFilter {
  private final HostSettings hosts;

  HostFilter(HostSettings hosts) {
    this.hosts = hosts;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (hosts.allows(request.getServerName())) {
      chain.doFilter(request, response);
      return;
    }
    WriteProblem.write(
        Refusal.of(
            HttpStatus.FORBIDDEN,
            "host_not_allowed",
            "Call this service by localhost, by an IP address or by its machine's name, or ask the"
                + " operator to add the name in your URL to aiopslab.api.hosts.allowed."),
        request,
        response);
  }
}
