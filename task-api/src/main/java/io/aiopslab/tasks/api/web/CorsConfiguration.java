package io.aiopslab.tasks.api.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Cross-origin calls, only where an operator has allowed them. */
@Configuration(proxyBeanMethods = false)
class CorsConfiguration {
  @Bean
  @ConditionalOnProperty("aiopslab.api.cors.allowed-origins")
  FilterRegistrationBean<CorsFilter> corsFilter(CorsSettings settings) {
    var rules = new org.springframework.web.cors.CorsConfiguration();
    rules.setAllowedOrigins(settings.allowedOrigins());
    rules.setAllowedMethods(List.of("GET", "HEAD", "POST", "DELETE"));
    rules.setAllowedHeaders(List.of("*"));
    rules.setExposedHeaders(List.of("ETag", "Location", "Retry-After", "X-Request-Id"));
    rules.setMaxAge(600L);
    UrlBasedCorsConfigurationSource paths = new UrlBasedCorsConfigurationSource();
    paths.registerCorsConfiguration("/api/**", rules);
    CorsFilter filter = new CorsFilter(paths);
    filter.setCorsProcessor(new Refusing());
    FilterRegistrationBean<CorsFilter> registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
    return registration;
  }

  private static final class Refusing extends DefaultCorsProcessor {
    @Override
    public boolean processRequest(
        org.springframework.web.cors.@Nullable CorsConfiguration rules,
        HttpServletRequest request,
        HttpServletResponse response)
        throws IOException {
      if (OriginFilter.isOwn(request)) {
        return true;
      }
      boolean goOn = super.processRequest(rules, request, response);
      if (!goOn && response.getStatus() == HttpStatus.FORBIDDEN.value()) {
        WriteProblem.write(OriginFilter.refusal(), request, response);
      }
      return goOn;
    }

    /** Only the status: a body written here would be sent before the problem. */
    @Override
    protected void rejectRequest(ServerHttpResponse response) {
      response.setStatusCode(HttpStatus.FORBIDDEN);
    }
  }
}
