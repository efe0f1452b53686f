package io.aiopslab.tasks.api;

import io.aiopslab.tasks.message.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client of one event stream, read on a thread of its own. */
final class EventReader implements AutoCloseable {
  private final HttpResponse<InputStream> response;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<String> comments = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean ended;

  record Event(String name, @Nullable String id, JsonNode data, long nanoTime) {}

  private EventReader(HttpResponse<InputStream> response) {
    this.response = response;
    this.thread = new Thread(this::read, "event-reader");
    thread.setDaemon(true);
    thread.start();
  }

  static EventReader open(RunningApi api, String id, String query, @Nullable String lastEventId) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(api.url("/api/v1/tasks/" + id + "/events" + query))
            .timeout(Duration.ofSeconds(30));
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    try {
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      return new EventReader(client.send(request.build(), BodyHandlers.ofInputStream()));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String id = null;
      String name = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          comments.add(line);
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          JsonNode data = Json.mapper().readTree(line.substring(6));
          events.add(new Event(name, id, data, System.nanoTime()));
          id = null;
        }
      }
    } catch (IOException e) {
      comments.add("broken: " + e);
    } finally {
      ended = true;
    }
  }

  HttpResponse<InputStream> response() {
    return response;
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  List<Event> events(String name) {
    return events.stream().filter(event -> event.name().equals(name)).toList();
  }

  List<String> comments() {
    return List.copyOf(comments);
  }

  boolean hasEnded() {
    return ended;
  }

  /** Hangs up. */
  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      comments.add("close: " + e);
    }
  }
}
