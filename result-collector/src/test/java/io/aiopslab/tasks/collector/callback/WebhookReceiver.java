package io.aiopslab.tasks.collector.callback;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A receiver of webhooks on a port of its own, on every address of this machine. */
final class WebhookReceiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Received> received = new CopyOnWriteArrayList<>();

  /** Answers each request as {@code answer} says. */
  WebhookReceiver(Function<Received, Reply> answer) {
    try {
      server = HttpServer.create(new InetSocketAddress((InetAddress) null, 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, answer));
    server.start();
  }

  static WebhookReceiver answering(int status) {
    return new WebhookReceiver(request -> Reply.of(status));
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Received(Map<String, List<String>> headers, byte[] body) {
    String header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> entry.getValue().get(0))
          .findFirst()
          .orElse("");
    }

    String id() {
      return header("webhook-id");
    }

    long timestamp() {
      return Long.parseLong(header("webhook-timestamp"));
    }

    JsonNode json() {
      return Json.mapper().readTree(body);
    }
  }

  record Reply(int status, Map<String, String> headers) {
    static Reply of(int status) {
      return new Reply(status, Map.of());
    }
  }

  private void answer(HttpExchange exchange, Function<Received, Reply> answer) throws IOException {
    try (exchange) {
      Received request =
          new Received(
              Map.copyOf(exchange.getRequestHeaders()), exchange.getRequestBody().readAllBytes());
      received.add(request);
      Reply reply = answer.apply(request);
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(reply.status(), -1);
    }
  }

  /** How many requests there have been for that webhook, with the one that is being answered. */
  long tries(String webhookId) {
    return received.stream().filter(request -> request.id().equals(webhookId)).count();
  }

  List<Received> received() {
    return received;
  }

  String url() {
    return url("127.0.0.1");
  }

  String url(String host) {
    return "http://%s:%d/done".formatted(host, port());
  }

  int port() {
    return Objects.requireNonNull(server.getAddress()).getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
