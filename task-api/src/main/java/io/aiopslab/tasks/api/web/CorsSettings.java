package io.aiopslab.tasks.api.web;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * From which web pages browsers may call this service.
 *
 * @param allowedOrigins such as {@code https://dashboard.example}; {@code *} for all. None unless
 *     set: the service has no authentication.
 */
@ConfigurationProperties("aiopslab.api.cors")
record CorsSettings(@DefaultValue List<String> allowedOrigins) {
  CorsSettings {
    allowedOrigins = List.copyOf(allowedOrigins);
    for (String origin : allowedOrigins) {
      if (!origin.equals("*") && !origin.matches("https?://[^/\\s]+")) {
        throw new IllegalArgumentException(
            "aiopslab.api.cors.allowed-origins must be origins such as https://dashboard.example,"
                + " without a path, not "
                + origin);
      }
    }
  }
}
