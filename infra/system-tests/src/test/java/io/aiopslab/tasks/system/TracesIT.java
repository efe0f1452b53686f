package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.SpanReceiver.Received;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What an operator can follow of one task through three processes: its trace, and its log lines.
 */
@Tag("thorough")
class TracesIT {
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final Set<String> SERVICES = Set.of("task-api", "task-worker", "result-collector");

  @TempDir static Path directory;
  private static SpanReceiver receiver;
  private static RunningSystem system;

  @BeforeAll
  static void start() throws IOException {
    receiver = new SpanReceiver();
    system =
        RunningSystem.start(
            directory,
            Map.of(
                "MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_ENDPOINT", receiver.url(),
                "MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_SCHEDULEDELAY", "100ms",
                "MANAGEMENT_TRACING_SAMPLING_PROBABILITY", "0",
                "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs",
                "LOGGING_LEVEL_IO_AIOPSLAB_TASKS_API_SUBMIT", "debug"));
    system.worker(
        Map.of(
            "AIOPSLAB_WORKER_CLUSTERS_0_ENVIRONMENT", "command",
            "AIOPSLAB_WORKER_CLUSTERS_0_COMMAND", "printenv"),
        "default",
        "traced");
  }

  @AfterAll
  static void stop() {
    if (system != null) {
      system.close();
    }
    receiver.close();
  }

  @Test
  void aTraceGoesFromTheRequestToTheStoredResult() {
    JsonNode task = submit("00-" + TRACE + "-" + CALLER + "-01");
    String id = task.path("id").asString();
    assertThat(task.path("trace_id").asString()).isEqualTo(TRACE);
    system.client().awaitEnd(id, LONGEST);

    Received request = span("task-api", "http post /api/v1/tasks");
    Received claim = span("task-worker", "claim task");
    Received run = span("task-worker", "run task");
    Received started = span("result-collector", "store started");
    Received finished = span("result-collector", "store finished");
    assertThat(request.parentId()).isEqualTo(CALLER);
    assertThat(claim.parentId()).isEqualTo(request.spanId());
    assertThat(run.parentId()).isEqualTo(claim.spanId());
    assertThat(started.parentId()).isEqualTo(run.spanId());
    assertThat(finished.parentId()).isEqualTo(run.spanId());
    assertThat(system.client().logs(id))
        .extracting(line -> line.path("message").asString())
        .contains("TRACEPARENT=00-" + TRACE + "-" + run.spanId() + "-01");
    assertThat(receiver.spans()).extracting(Received::traceId).containsOnly(TRACE);
  }

  @Test
  void whatIsNotSampledIsJoinedByTheLogAlone() throws IOException {
    JsonNode task = submit(null);
    String trace = task.path("trace_id").asString();
    String id = task.path("id").asString();
    assertThat(trace).matches("[0-9a-f]{32}").isNotEqualTo(TRACE);
    system.client().awaitEnd(id, LONGEST);

    await("every service has said something about the task")
        .atMost(LONGEST)
        .untilAsserted(() -> assertThat(servicesThatName(id, trace)).isEqualTo(SERVICES));
    assertThat(receiver.spans()).extracting(Received::traceId).doesNotContain(trace);
  }

  @Test
  void aMalformedTraceIsNotContinued() {
    JsonNode task =
        submit("00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "x-" + CALLER + "-01");
    assertThat(task.path("trace_id").asString()).matches("[0-9a-f]{32}");
    assertThat(task.path("trace_id").asString()).isNotEqualTo(TRACE);
  }

  /** Of records that carry both; all are JSON, or this fails. */
  private static Set<String> servicesThatName(String taskId, String traceId) throws IOException {
    Set<String> services = new TreeSet<>();
    for (JsonNode record : records()) {
      if (record.path("task_id").asString("").equals(taskId)
          && record.path("trace_id").asString("").equals(traceId)) {
        services.add(record.at("/service/name").asString());
      }
    }
    return services;
  }

  private static List<JsonNode> records() throws IOException {
    List<JsonNode> records = new ArrayList<>();
    for (ServiceProcess service : system.services()) {
      String log = Files.readString(service.log());
      for (String line : log.substring(0, log.lastIndexOf('\n') + 1).lines().toList()) {
        JsonNode record = Json.mapper().readTree(line);
        assertThat(record.has("message")).as(line).isTrue();
        records.add(record);
      }
    }
    return records;
  }

  private static Received span(String service, String name) {
    return await(name + " of " + service)
        .atMost(LONGEST)
        .until(
            () ->
                receiver.spans().stream()
                    .filter(span -> span.service().equals(service) && span.name().equals(name))
                    .findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  private static JsonNode submit(@Nullable String traceparent) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(system.url() + "/api/v1/tasks"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(WorkerProcess.task("default")));
    if (traceparent != null) {
      request.header("traceparent", traceparent);
    }
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
      return Json.mapper().readTree(answer.body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
