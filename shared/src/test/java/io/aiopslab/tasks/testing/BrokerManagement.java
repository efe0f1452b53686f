package io.aiopslab.tasks.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;

/** The few calls of RabbitMQ's management API that the fixtures need. */
final class BrokerManagement {
  /** Not HTTP/2: RabbitMQ hangs up on a PUT that offers an upgrade. */
  private static final HttpClient http =
      HttpClient.newBuilder()
          .version(Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;
  private final String username;
  private final String authorization;

  BrokerManagement(URI base, String username, String password) {
    this.base = base;
    this.username = username;
    byte[] credentials = (username + ":" + password).getBytes(UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  URI base() {
    return base;
  }

  /**
   * Makes an empty virtual host in which the user may do everything.
   *
   * @param settings JSON object
   */
  void createVirtualHost(String name, String settings) throws IOException {
    call("PUT", "/api/vhosts/" + encode(name), settings);
    call(
        "PUT",
        "/api/permissions/" + encode(name) + "/" + encode(username),
        """
        {"configure": ".*", "write": ".*", "read": ".*"}\
        """);
  }

  /**
   * Makes or replaces a policy of the virtual host.
   *
   * @param policy JSON object, as in definitions
   */
  void setPolicy(String virtualHost, String name, String policy) throws IOException {
    call("PUT", "/api/policies/" + encode(virtualHost) + "/" + encode(name), policy);
  }

  /** Deletes the virtual host with all it holds; its connections are closed by the broker. */
  void deleteVirtualHost(String name) throws IOException {
    call("DELETE", "/api/vhosts/" + encode(name), "");
  }

  private void call(String method, String path, String body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", authorization)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> response = send(request);
      boolean isGone = method.equals("DELETE") && response.statusCode() == 404;
      if (response.statusCode() / 100 != 2 && !isGone) {
        throw new IOException(
            method + " " + path + ": " + response.statusCode() + " " + response.body());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Twice, as RabbitMQ 4 hangs up on connections that it was just about to be asked on. */
  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      return http.send(request, BodyHandlers.ofString());
    }
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, UTF_8).replace("+", "%20");
  }
}
