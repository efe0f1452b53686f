package io.aiopslab.tasks.system.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Receives callbacks on the loopback interface, checks who signed them, and sometimes fails. */
final class CallbackReceiver implements AutoCloseable {
  static final String SECRET =
      "whsec_"
          + Base64.getEncoder().encodeToString("the secret of the chaos suite".getBytes(UTF_8));

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Call> calls = new CopyOnWriteArrayList<>();

  CallbackReceiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /**
   * One request.
   *
   * @param answered the HTTP status that it got
   */
  record Call(String webhookId, String taskId, String status, boolean signed, int answered) {}

  /**
   * @param failures how many tries of each callback to this URL fail
   */
  String url(int failures) {
    return "http://127.0.0.1:%d/fail/%d"
        .formatted(Objects.requireNonNull(server.getAddress()).getPort(), failures);
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String id = header(exchange, "webhook-id");
      String path = exchange.getRequestURI().getPath();
      int failures = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      long before = calls.stream().filter(call -> call.webhookId().equals(id)).count();
      int status = before < failures ? 500 : 204;
      JsonNode task = Json.mapper().readTree(body).path("data");
      calls.add(
          new Call(
              id,
              task.path("id").asString(),
              task.path("status").asString(),
              isSigned(exchange, body),
              status));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static boolean isSigned(HttpExchange exchange, byte[] body) {
    String signed =
        "%s.%s.".formatted(header(exchange, "webhook-id"), header(exchange, "webhook-timestamp"));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      byte[] key = Base64.getDecoder().decode(SECRET.substring("whsec_".length()));
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(signed.getBytes(UTF_8));
      String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
      return Arrays.asList(header(exchange, "webhook-signature").split(" ")).contains(expected);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
