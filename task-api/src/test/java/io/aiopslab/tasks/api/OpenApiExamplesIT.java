package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.api.GeneratedRequest.Operation;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.StepAnswer;
import io.aiopslab.tasks.store.Evidence;
import io.aiopslab.tasks.store.RunBriefings;
import io.aiopslab.tasks.store.SessionActions;
import io.aiopslab.tasks.store.TaskClaims;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.task.Briefing;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.Transition;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What somebody sends who copies the examples of the served description. */
class OpenApiExamplesIT {
  private static final String WORKER = "py-worker-1";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  private final Map<String, String> known =
      new HashMap<>(
          Map.of(
              "incarnation",
              UUID.randomUUID().toString(),
              "phase",
              "running",
              "id",
              WORKER,
              "type",
              "default"));
  private final Set<String> sent = new TreeSet<>();

  /** Nothing waits that another test has left. */
  @BeforeEach
  void clear() {
    assertThat(api.post("/api/v1/backends/default/resume", "").status()).isEqualTo(200);
    assertThat(api.post("/api/v1/tasks/cancel", "{\"backend_type\":\"default\"}").status())
        .isEqualTo(200);
  }

  @Test
  void everyBodyWorksAsItStands() {
    send("POST /api/v1/workers/register");
    send("POST /api/v1/workers/heartbeat");
    send("POST /api/v1/workers/{id}/heartbeat");

    String task = send("POST /api/v1/tasks").id();
    claim(task);
    send("POST /api/v1/workers/{id}/tasks/{task_id}/logs");
    send("POST /api/v1/workers/{id}/tasks/{task_id}/steps");
    send("POST /api/v1/workers/{id}/tasks/{task_id}/progress");
    send("POST /api/v1/workers/{id}/tasks/{task_id}/complete");
    collected(TaskStatus.COMPLETED);

    JsonNode batch = send("POST /api/v1/tasks/batch").json();
    end(batch.at("/tasks/0/id").asString());
    claim(send("POST /api/v1/tasks").id());
    send("POST /api/v1/workers/{id}/tasks/{task_id}/fail");
    collected(TaskStatus.FAILED);

    String cancelled = send("POST /api/v1/tasks").id();
    claim(cancelled);
    known.put("id", cancelled);
    send("POST /api/v1/tasks/{id}/cancel");
    known.put("id", WORKER);
    send("POST /api/v1/workers/{id}/tasks/{task_id}/cancelled");

    send("POST /api/v1/workers/{id}/pause");
    send("POST /api/v1/workers/{id}/drain");
    send("POST /api/v1/workers/{id}/sign-off");

    known.put("id", opened(send("POST /api/v1/sessions").id()));
    send("POST /api/v1/sessions/{id}/steps");
    send("POST /api/v1/groups");
    send("POST /api/v1/tasks/cancel");
    send("POST /api/v1/backends/{type}/pause");

    known.put("id", kept());
    send("POST /api/v1/dead-letters/{id}/requeue");
    send("POST /api/v1/dead-letters/requeue");

    Set<String> all = new TreeSet<>();
    GeneratedRequest.operations(description()).stream()
        .filter(operation -> !schema(operation).isMissingNode())
        .forEach(operation -> all.add(name(operation)));
    assertThat(sent).isEqualTo(all);
  }

  @Test
  void everyParameterWorksAsItStands() {
    String task = api.submit("{\"problem_id\":\"p\"}").id();
    end(task);
    assertThat(api.post("/api/v1/workers/register", "{\"id\":\"worker-001-kind\"}").status())
        .isEqualTo(201);
    String session = answered();
    api.submit("{\"problem_id\":\"to be claimed at once\"}");
    Set<String> asked = new HashSet<>();
    eachQueryParameter(
        (operation, parameter) -> {
          String example = parameter.path("example").asString("");
          if (!example.isEmpty()) {
            String all = operation.path().equals("/api/v1/tasks") ? "?id=" + task + "&" : "?";
            String path =
                pathFor(operation, task, session)
                    + all
                    + parameter.get("name").stringValue()
                    + "="
                    + encode(example);
            Answer answer = send(operation.method(), path, null);
            assertThat(answer.status()).as("%s %s", operation.method(), path).isBetween(200, 299);
            asked.add(path);
          }
        });
    assertThat(asked).hasSizeGreaterThan(5);
  }

  /** Converters make null of what is blank, which nobody expects. */
  @Test
  void noBlankParameterIsADefect() {
    String task = api.submit("{\"problem_id\":\"p\"}").id();
    end(task);
    List<String> answers = new ArrayList<>();
    eachQueryParameter(
        (operation, parameter) -> {
          for (String blank : List.of("", " ", ",", " , ")) {
            String path =
                pathFor(operation, task, task)
                    + "?"
                    + encode(parameter.get("name").stringValue())
                    + "="
                    + encode(blank);
            answers.add(send(operation.method(), path, null).status() + " " + path);
          }
        });
    assertThat(answers).hasSizeGreaterThan(50).noneMatch(answer -> answer.startsWith("5"));
  }

  private static void eachQueryParameter(BiConsumer<Operation, JsonNode> seen) {
    for (Operation operation : GeneratedRequest.operations(description())) {
      for (JsonNode parameter : operation.description().path("parameters")) {
        if (parameter.get("in").stringValue().equals("query") && !operation.isEndless()) {
          seen.accept(operation, parameter);
        }
      }
    }
  }

  private static String pathFor(Operation operation, String task, String session) {
    String path = operation.path();
    String id =
        path.startsWith("/api/v1/workers")
            ? "worker-001-kind"
            : path.startsWith("/api/v1/sessions")
                ? session
                : path.startsWith("/api/v1/groups") ? endedGroup() : task;
    return path.replace("{id}", id).replace("{index}", "0").replace("{type}", "default");
  }

  /** There is no collector here that would do it. */
  private static String kept() {
    byte[] poison = "no event".getBytes(StandardCharsets.UTF_8);
    api.bean(Evidence.class)
        .quarantine(new Evidence.DeadLetter("events", "task.log.x", null, poison), "no event");
    return api.get("/api/v1/dead-letters").json().at("/dead_letters/0/id").asString();
  }

  /** There is no worker here that would do it. */
  private static String opened(String session) {
    UUID run = UUID.randomUUID();
    assertThat(api.bean(TaskClaims.class).claim("kind-1", TaskSpec.DEFAULT_BACKEND_TYPE, run))
        .map(task -> task.id().toString())
        .contains(session);
    Briefing briefing = new Briefing("look", "", Json.mapper().createObjectNode());
    api.bean(RunBriefings.class)
        .record(List.of(new RunBriefings.Entry(UUID.fromString(session), briefing, Instant.now())));
    return session;
  }

  private static String answered() {
    String session =
        opened(api.post("/api/v1/sessions", "{\"problem_id\":\"p\",\"wait\":\"0s\"}").id());
    SessionActions actions = api.bean(SessionActions.class);
    SessionActions.Order order = actions.take(UUID.fromString(session), 0, "look").orElseThrow();
    assertThat(
            actions.answer(
                new StepAnswer(1, order.taskId(), order.sessionId(), 0, "all is well", null)))
        .isTrue();
    return session;
  }

  private static String endedGroup() {
    String group =
        api.post("/api/v1/groups", "{\"task\":{\"problem_id\":\"p\"},\"samples\":1}").id();
    Answer ended = send("DELETE", "/api/v1/groups/" + group, null);
    assertThat(ended.status()).isEqualTo(200);
    return group;
  }

  private Answer claim(String task) {
    Answer claim = send("POST /api/v1/workers/{id}/claim");
    assertThat(claim.status()).isEqualTo(200);
    assertThat(claim.json().at("/task/id").asString()).isEqualTo(task);
    known.put("task_id", task);
    known.put("session_id", claim.json().get("session_id").asString());
    return claim;
  }

  /** There is no collector here that would do it. */
  private void collected(TaskStatus status) {
    UUID task = UUID.fromString(known.getOrDefault("task_id", ""));
    UUID session = UUID.fromString(known.getOrDefault("session_id", ""));
    FailureCode failure = status == TaskStatus.FAILED ? FailureCode.AGENT_ERROR : null;
    assertThat(
            api.bean(TaskEndings.class)
                .finish(task, session, status, failure, failure == null ? null : "as reported"))
        .isEqualTo(Transition.APPLIED);
  }

  private static void end(String task) {
    assertThat(api.post("/api/v1/tasks/" + task + "/cancel", "").status()).isEqualTo(200);
  }

  /** Sends the example of an operation, with the ids that only this run can know. */
  private Answer send(String name) {
    Operation operation =
        GeneratedRequest.operations(description()).stream()
            .filter(one -> name(one).equals(name))
            .findFirst()
            .orElseThrow(() -> new AssertionError("not described: " + name));
    if (name.endsWith("/claim")) {
      known.put("session_id", UUID.randomUUID().toString());
    }
    JsonNode body = composed("", schema(operation));
    String path = operation.path();
    for (String part : List.of("id", "task_id", "type")) {
      path = path.replace("{" + part + "}", known.getOrDefault(part, ""));
    }
    Answer answer = send(operation.method(), path, String.valueOf(body));
    assertThat(answer.status()).as("%s %s: %s", name, body, answer).isBetween(200, 299);
    sent.add(name);
    return answer;
  }

  private static Answer send(String method, String path, @Nullable String body) {
    return api.send(
        HttpRequest.newBuilder(api.url(path))
            .header("Content-Type", "application/json")
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  /** The examples of all members; those without one are left out, but for what is known. */
  private @Nullable JsonNode composed(String name, JsonNode schema) {
    JsonNode resolved =
        schema.has("$ref")
            ? description().at(schema.get("$ref").stringValue().substring(1))
            : schema;
    for (JsonNode one : List.of(schema, resolved)) {
      if (one.has("example")) {
        return one.get("example");
      }
    }
    if (resolved.has("properties")) {
      ObjectNode object = Json.mapper().createObjectNode();
      resolved
          .get("properties")
          .properties()
          .forEach(
              member -> {
                JsonNode value = composed(member.getKey(), member.getValue());
                if (value != null) {
                  object.set(member.getKey(), value);
                }
              });
      return object;
    }
    if (resolved.has("items")) {
      JsonNode item = composed("", resolved.get("items"));
      return item == null ? null : Json.mapper().createArrayNode().add(item);
    }
    String value = name.equals("id") ? null : known.get(name);
    return value == null ? null : Json.mapper().getNodeFactory().stringNode(value);
  }

  private static JsonNode schema(Operation operation) {
    return operation.description().at("/requestBody/content/application~1json/schema");
  }

  private static String name(Operation operation) {
    return operation.method() + " " + operation.path();
  }

  private static JsonNode description() {
    return api.contract().description();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
