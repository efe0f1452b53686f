package io.aiopslab.tasks.worker.settings;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A key of a model's service: who holds it, and the only place that it is sent to.
 *
 * @param variable name of a variable of the worker that holds the key, or of a file that it imports
 *     ({@code configtree:}); tasks name it in {@code agent_config.api_key_env}
 * @param baseUrl http(s) URL; the key goes to it and to what lies below it
 */
public record ModelKey(String variable, String baseUrl) {

  @SuppressWarnings("NullAway") // the binder passes null for what is not set
  public ModelKey(@Nullable String variable, @Nullable String baseUrl) {
    this.variable = variable == null ? "" : variable;
    this.baseUrl = baseUrl == null ? "" : baseUrl;
    require(
        this.variable.matches("[A-Za-z_][A-Za-z0-9_]{0,127}"),
        "variable '%s' is not the name of an environment variable".formatted(this.variable));
    require(
        isHttp(this.baseUrl),
        "base-url '%s' of %s must be an http or https URL with a host, and neither user, query nor fragment"
            .formatted(this.baseUrl, this.variable));
  }

  private static boolean isHttp(String url) {
    try {
      URI uri = URI.create(url);
      return String.valueOf(uri.getScheme()).matches("https?")
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("aiopslab.worker.model-keys: " + otherwise);
    }
  }
}
