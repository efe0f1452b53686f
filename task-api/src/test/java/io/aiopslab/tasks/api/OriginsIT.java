package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a browser is made to send by a page of another site, as bytes: no client would. */
class OriginsIT {
  private static final String CROSS = "Sec-Fetch-Site: cross-site";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  private static RunningApi open;

  @BeforeAll
  static void start() {
    open =
        api.another(
            "--aiopslab.api.cors.allowed-origins=https://dashboard.example",
            "--aiopslab.api.hosts.allowed=tasks.example,*.svc.cluster.local");
  }

  @AfterAll
  static void stop() {
    open.close();
  }

  @Test
  void aChangeThatAPageOfAnotherSiteAsksForIsNotCarriedOut() throws IOException {
    String task = api.submit("{\"problem_id\":\"p\",\"backend_type\":\"foreign\"}").id();
    for (List<String> page :
        List.of(
            List.of("Origin: https://evil.example"),
            List.of("Origin: https://evil.example", CROSS),
            List.of("Origin: null"),
            List.of("Origin: http://localhost.evil.example"),
            List.of("Origin: http://localhost:1"),
            List.of("Origin: http://127.0.0.1:" + port(api)),
            List.of("Origin: nonsense"),
            List.of(CROSS),
            List.of("Sec-Fetch-Site: same-site"),
            List.of("Sec-Fetch-Site: nonsense", "Origin: https://evil.example"))) {
      for (String call :
          List.of(
              "POST /api/v1/backends/foreign/pause",
              "POST /api/v1/backends/foreign/resume",
              "POST /api/v1/tasks/" + task + "/cancel",
              "POST /api/v1/tasks/" + task + "/retry",
              "DELETE /api/v1/tasks/" + task,
              "PUT /api/v1/tasks/" + task,
              "POST /nothing")) {
        assertThat(ask(api, call, "localhost:" + port(api), page))
            .as("%s %s", call, page)
            .startsWith("HTTP/1.1 403")
            .contains("application/problem+json")
            .contains("\"code\":\"origin_not_allowed\"")
            .contains("aiopslab.api.cors.allowed-origins")
            .doesNotContain("Access-Control-Allow");
      }
    }
    assertThat(api.get("/api/v1/tasks/" + task).json().get("status").asString())
        .isEqualTo("pending");
    assertThat(api.get("/api/v1/backends/foreign/capacity").json().get("paused_at").isNull())
        .isTrue();
    assertThat(api.get("/api/v1/tasks?retry_of=" + task).json().get("total").asInt()).isZero();
  }

  @Test
  void programsAndTheServicesOwnPagesChangeWhatTheyWant() throws IOException {
    int port = port(api);
    String own = "localhost:" + port;
    for (List<String> page :
        List.of(
            List.<String>of(),
            List.of("Origin: http://" + own),
            List.of("Origin: HTTP://LOCALHOST:" + port),
            List.of("Origin: https://" + own, "Sec-Fetch-Site: same-origin"),
            List.of("Sec-Fetch-Site: none"))) {
      assertThat(ask(api, "POST /api/v1/backends/own/pause", own, page))
          .as("%s", page)
          .startsWith("HTTP/1.1 200");
    }
    // A proxy that speaks TLS and hands the name on: its port is that of the scheme.
    assertThat(
            ask(
                open,
                "POST /api/v1/backends/own/resume",
                "tasks.example",
                List.of("Origin: https://tasks.example")))
        .startsWith("HTTP/1.1 200");
    // A proxy that hands on another name, to browsers that say which page it was.
    assertThat(
            ask(
                api,
                "POST /api/v1/backends/own/resume",
                own,
                List.of("Origin: https://tasks.example", "Sec-Fetch-Site: same-origin")))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void aPageThatCorsNamesMayChangeThings() throws IOException {
    String host = "localhost:" + port(open);
    String call = "POST /api/v1/backends/named/pause";
    List<String> named = List.of("Origin: https://dashboard.example", CROSS);
    assertThat(ask(open, call, host, named))
        .startsWith("HTTP/1.1 200")
        .contains("Access-Control-Allow-Origin: https://dashboard.example");
    assertThat(ask(open, call, host, List.of("Origin: https://evil.example", CROSS)))
        .startsWith("HTTP/1.1 403")
        .contains("origin_not_allowed");
    assertThat(ask(open, call, host, List.of(CROSS))).startsWith("HTTP/1.1 403");
    assertThat(
            ask(
                open,
                "OPTIONS /api/v1/backends/named/pause",
                host,
                List.of(
                    "Origin: https://dashboard.example",
                    CROSS,
                    "Access-Control-Request-Method: POST")))
        .startsWith("HTTP/1.1 200")
        .contains("Access-Control-Allow-Methods");
  }

  @Test
  void whatOnlyLooksIsAnsweredWhereverThePageIsFrom() throws IOException {
    assertThat(ask(api, "GET /api/v1/tasks", "localhost:" + port(api), List.of(CROSS)))
        .startsWith("HTTP/1.1 200")
        .doesNotContain("Access-Control-Allow");
  }

  @Test
  void aNameThatIsNotTheServicesIsNotAnswered() throws IOException {
    for (String host :
        List.of(
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.1",
            "0x7f.1",
            "tasks.example",
            "svc.cluster.local")) {
      for (String call :
          List.of(
              "GET /api/v1/tasks",
              "POST /api/v1/backends/x/pause",
              "GET /actuator/health",
              "GET /v3/api-docs",
              "GET /nothing")) {
        assertThat(ask(api, call, host, List.of()))
            .as("%s of %s", call, host)
            .startsWith("HTTP/1.1 403")
            .contains("\"code\":\"host_not_allowed\"")
            .contains("aiopslab.api.hosts.allowed");
      }
    }
  }

  @Test
  void loopbackTheMachinesOwnNameAndAddressesAreAnswered() throws IOException {
    int port = port(api);
    for (String host :
        List.of(
            "localhost",
            "localhost:" + port,
            "LOCALHOST.:" + port,
            "api.localhost",
            "127.0.0.1:" + port,
            "127.8.9.1",
            "[::1]:" + port,
            "10.1.2.3:8000",
            "[fd00::7]",
            InetAddress.getLocalHost().getHostName())) {
      assertThat(ask(api, "GET /api/v1/tasks", host, List.of()))
          .as(host)
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void namesThatAreConfiguredAreAnswered() throws IOException {
    for (String host :
        List.of("tasks.example", "Tasks.Example:443", "task-api.aiopslab.svc.cluster.local")) {
      assertThat(ask(open, "GET /api/v1/tasks", host, List.of()))
          .as(host)
          .startsWith("HTTP/1.1 200");
    }
    for (String host : List.of("x.tasks.example", "evilsvc.cluster.local", "cluster.local")) {
      assertThat(ask(open, "GET /api/v1/tasks", host, List.of()))
          .as(host)
          .startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void whatIsNoNameKeepsTheServiceFromStarting() {
    assertThatThrownBy(() -> api.another("--aiopslab.api.hosts.allowed=https://x.y/"))
        .hasRootCauseMessage(
            "aiopslab.api.hosts.allowed must be names such as tasks.example or *.tasks.example,"
                + " without scheme and port, or * for all, not https://x.y/");
  }

  private static int port(RunningApi running) {
    return running.url("/").getPort();
  }

  private static String ask(RunningApi running, String call, String host, List<String> headers)
      throws IOException {
    StringBuilder request = new StringBuilder(call + " HTTP/1.1\r\nHost: " + host + "\r\n");
    headers.forEach(header -> request.append(header).append("\r\n"));
    request.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(running))) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
