package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import io.aiopslab.tasks.worker.cluster.StandInKind;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A slot whose Kind cluster is managed, with tools that only act as if there were clusters. */
@Tag("thorough")
class KindClustersIT {
  private static final URL RUNNER =
      Objects.requireNonNull(KindClustersIT.class.getResource("/runners/works_on_a_cluster.py"));
  private static final String CLUSTER = "--aiopslab.worker.clusters[0].";

  @TempDir Path directory;
  private TestDatabase database;
  private TestBroker broker;
  private CollectedEvents events;
  private StandInKind tools;

  @BeforeEach
  void connect() throws Exception {
    database = TestDatabase.createMigrated();
    broker = TestBroker.create();
    events = new CollectedEvents(broker);
    tools = new StandInKind(Files.createDirectories(directory.resolve("tools")));
  }

  @AfterEach
  void disconnect() throws IOException {
    events.close();
    broker.close();
    database.close();
  }

  @Test
  void withoutItsClusterASlotTakesNothingAndComesBackByItself() throws Exception {
    try (TestWorker worker = start();
        Connection connection = broker.connectionFactory().newConnection()) {
      awaitWorker("quarantined", "does not exist; create it with `kind create cluster");
      var channel = connection.createChannel();
      String queue = Topology.ticketQueue("default");
      Topology.tickets("default").declare(channel);
      Task task = submit(worker, Map.of());
      for (int i = 0; i < 3; i++) {
        channel.basicPublish("", queue, null, new byte[0]);
      }
      int retries = tools.calls("kind", "get", "clusters").size();
      tools.awaitCalls(retries + 2, "kind", "get", "clusters");
      assertThat(status(task)).isEqualTo("pending");
      assertThat(channel.messageCount(queue)).isEqualTo(3);

      tools.create("kind-1");
      Finished finished = completed(task);
      assertThat(attestation(finished))
          .containsEntry("cluster", "\"kind-1\"")
          .containsEntry("node_image", "\"kindest/node:v1.34.0\"")
          .containsEntry("clean_before", "true")
          .containsEntry("clean_after", "true");
      awaitWorker("idle", null);
      assertThat(events.messages(task.id()))
          .contains("kubeconfig 600", "current-context: kind-kind-1")
          .containsOnlyOnce("contexts:", "  context: {cluster: kind-kind-1, user: kind-kind-1}");
    }
    assertThat(directory.resolve("scratch")).isEmptyDirectory();
  }

  @Test
  void aClusterIsCreatedAsSetAndAStopDoesNotWaitForIt() throws Exception {
    Path config = Files.writeString(directory.resolve("kind.yaml"), "kind: Cluster");
    String[] settings = {CLUSTER + "kind.create=true", CLUSTER + "kind.config=" + config};
    tools.setCreation("hanging");
    try (TestWorker worker = start(settings)) {
      awaitWorker("quarantined", "is being created");
      tools.awaitCalls(1, "kind", "create");
      long stopped = System.nanoTime();
      worker.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - stopped)).isLessThan(Duration.ofSeconds(5));
    }
    assertThat(tools.has("kind-1", "")).as("half a cluster").isFalse();
    assertThat(tools.calls("kind", "create")).hasSize(1);

    tools.setCreation("");
    try (TestWorker worker = start(settings)) {
      completed(submit(worker, Map.of()));
    }
    assertThat(tools.calls("kind", "create"))
        .hasSize(2)
        .allMatch(call -> call.words().contains(config.toString()));
  }

  @Test
  void aClusterThatDiesInARunStopsTheSlotUntilItAnswers() throws Exception {
    tools.create("kind-1");
    try (TestWorker worker = start()) {
      Task task = submit(worker, Map.of("write", Map.of(path("api"), "broken")));
      assertThat(attestation(completed(task)))
          .containsEntry("cluster_answers", "false")
          .containsEntry("clean_after", "false");
      awaitWorker("quarantined", "the API of Kind cluster 'kind-1' does not answer");
      Task next = submit(worker, Map.of());
      int retries = tools.calls("kubectl", "get").size();
      tools.awaitCalls(retries + 1, "kubectl", "get");
      assertThat(status(next)).isEqualTo("pending");
      tools.set("kind-1", "api", "ok");
      assertThat(attestation(completed(next))).containsEntry("cluster_answers", "true");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reuse", "reset", "recreate"})
  void whatARunLeftIsGoneBeforeTheNext(String afterRun) throws Exception {
    tools.create("kind-1");
    tools.set("kind-1", "lingering", "never");
    String identity = Files.readString(tools.file("kind-1", "identity"));
    try (TestWorker worker = start(CLUSTER + "kind.after-run=" + afterRun)) {
      Map<String, Object> failure =
          Map.of(
              "type",
              "error",
              "code",
              "agent_error",
              "message",
              "m",
              "attestation",
              Map.of("fault_recovered", true, "cleanup_finished", true, "cluster", "another"));
      String openebs = path("namespaces/openebs");
      Task task = submit(worker, Map.of("write", Map.of(openebs, "Active"), "say", failure));
      assertThat(attestation(events.awaitFailure(task.id(), FailureCode.AGENT_ERROR)))
          .containsEntry("fault_recovered", "true")
          .containsEntry("cleanup_finished", "true")
          .containsEntry("clean_after", "false")
          .containsEntry("leftover_namespaces", "[\"openebs\"]")
          .containsEntry("cluster", "\"kind-1\"");
      Task next = submit(worker, Map.of());
      if (afterRun.equals("recreate")) {
        completed(next);
        await().untilAsserted(() -> assertThat(identity()).isNotEmpty().isNotEqualTo(identity));
        return;
      }
      awaitWorker("quarantined", "openebs");
      assertThat(status(next)).isEqualTo("pending");
      tools.set("kind-1", "namespaces/openebs", "Terminating 0");
      assertThat(attestation(completed(next))).containsEntry("clean_before", "true");
      assertThat(tools.calls("kubectl", "delete")).hasSize(afterRun.equals("reset") ? 1 : 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFaultThatWasNotRecoveredMeetsNoOtherRun(boolean create) throws Exception {
    tools.create("kind-1");
    String identity = identity();
    try (TestWorker worker = start(CLUSTER + "kind.create=" + create)) {
      Map<String, Object> facts =
          Map.of("fault_recovered", false, "recovery_error", "kubectl scale: exit status 1");
      Map<String, Object> result = Map.of("type", "result", "reward", 1, "attestation", facts);
      completed(submit(worker, Map.of("say", result)));
      if (create) {
        await().untilAsserted(() -> assertThat(identity()).isNotEmpty().isNotEqualTo(identity));
        completed(submit(worker, Map.of()));
        return;
      }
      awaitWorker("quarantined", "may still have the fault of an earlier run (task ");
      awaitWorker("quarantined", "kubectl scale: exit status 1");
      Task next = submit(worker, Map.of());
      tools.delete("kind-1");
      assertThat(status(next)).isEqualTo("pending");
      tools.create("kind-1");
      completed(next);
    }
  }

  @Test
  void aRunOfADeadWorkerLeavesNoClusterThatLooksClean() throws Exception {
    tools.create("kind-1");
    tools.put("kind-1", "annotations", "{'aiopslab.io/run': 'task 7'}");
    try (TestWorker worker = start()) {
      awaitWorker("quarantined", "(task 7 was on it when its worker ended)");
      Task task = submit(worker, Map.of());
      tools.put("kind-1", "annotations", "{}");
      completed(task);
      assertThat(tools.calls("kubectl", "annotate", "namespace", "kube-system"))
          .first()
          .satisfies(
              call -> assertThat(call.words()).contains("aiopslab.io/run=task " + task.id()));
    }
  }

  /** Empty while the cluster is between two lives. */
  private String identity() throws IOException {
    Path file = tools.file("kind-1", "identity");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Test
  void aHangingClusterHoldsUpAResultNoLongerThanACheckMayTake() throws Exception {
    tools.create("kind-1");
    try (TestWorker worker = start(CLUSTER + "kind.check-timeout=1s")) {
      Task task = submit(worker, Map.of("write", Map.of(path("api"), "hanging")));
      assertThat(attestation(completed(task))).containsEntry("cluster_answers", "false");
      awaitWorker("quarantined", "kubectl did not end within 1s");
    }
  }

  @Test
  void slotsKeepToTheirOwnClustersAndUnmanagedOnesStartNothing() throws Exception {
    tools.create("kind-1").create("kind-2");
    String other = "--aiopslab.worker.clusters[1].";
    String simulated = "--aiopslab.worker.clusters[2].";
    String runner = "python3," + Path.of(RUNNER.toURI());
    try (TestWorker worker =
        start(
            other + "name=kind-2",
            other + "kind.managed=true",
            other + "runner-command=" + runner,
            simulated + "name=simulated-1",
            simulated + "runner-command=" + runner)) {
      Path together = directory.resolve("together");
      List<Task> tasks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        tasks.add(submit(worker, Map.of("wait_for", together.toString())));
      }
      await().until(() -> tasks.stream().allMatch(task -> status(task).equals("running")));
      Files.createFile(together);
      List<String> attested =
          tasks.stream().map(task -> completed(task).result().attestation() + "").toList();
      assertThat(attested)
          .anyMatch(facts -> facts.contains("\"cluster\":\"kind-1\""))
          .anyMatch(facts -> facts.contains("\"cluster\":\"kind-2\""))
          .anyMatch("null"::equals);
    }
    assertThat(tools.calls()).noneMatch(call -> call.words().contains("simulated-1"));
    Map<String, List<StandInKind.Call>> bySlot =
        tools.calls().stream()
            .collect(java.util.stream.Collectors.groupingBy(StandInKind.Call::kubeconfig));
    assertThat(bySlot).hasSize(2);
    for (List<StandInKind.Call> calls : bySlot.values()) {
      List<String> names =
          calls.stream()
              .flatMap(call -> call.words().stream())
              .filter(word -> word.matches("(kind-)?kind-[12](-control-plane)?"))
              .map(word -> word.replaceAll("^(?:kind-)?(kind-[12]).*", "$1"))
              .distinct()
              .toList();
      assertThat(names).hasSize(1);
      assertThat(calls)
          .allMatch(
              call ->
                  Stream.of("SPRING_", "AIOPSLAB_", "PG")
                      .noneMatch(
                          prefix ->
                              call.variables().stream().anyMatch(name -> name.startsWith(prefix))));
    }
  }

  private TestWorker start(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--PATH=" + tools.path(),
                "--aiopslab.worker.heartbeat-interval=100ms",
                CLUSTER + "kind.managed=true"));
    all.addAll(List.of(settings));
    return TestWorker.start(
        database, broker, directory, "works_on_a_cluster.py", all.toArray(String[]::new));
  }

  private Task submit(TestWorker worker, Map<String, ?> wish) throws IOException {
    Path file = Files.createTempFile(directory, "wish", ".json");
    return worker.submit(Files.write(file, Json.mapper().writeValueAsBytes(wish)).toString());
  }

  private String path(String name) {
    return tools.file("kind-1", name).toString();
  }

  private Finished completed(Task task) {
    Finished finished = events.awaitFinished(task.id());
    assertThat(finished.status()).as(finished.errorDetails()).isEqualTo(TaskStatus.COMPLETED);
    return finished;
  }

  private static Map<String, String> attestation(Finished finished) {
    JsonNode attestation = Objects.requireNonNull(finished.result().attestation());
    Map<String, String> members = new java.util.LinkedHashMap<>();
    attestation.properties().forEach(e -> members.put(e.getKey(), e.getValue().toString()));
    return members;
  }

  private String status(Task task) {
    return jdbc()
        .sql("SELECT status FROM tasks WHERE id = ?")
        .param(task.id())
        .query(String.class)
        .single();
  }

  /**
   * @param reason a part of it; null for none
   */
  private void awaitWorker(String status, @org.jspecify.annotations.Nullable String reason) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                jdbc()
                    .sql("SELECT status, status_reason FROM workers WHERE id = 'kind-1'")
                    .query()
                    .listOfRows(),
            rows ->
                rows.size() == 1
                    && status.equals(rows.get(0).get("status"))
                    && (reason == null
                        ? rows.get(0).get("status_reason") == null
                        : (rows.get(0).get("status_reason") + "").contains(reason)));
  }

  private JdbcClient jdbc() {
    return JdbcClient.create(database.dataSource());
  }
}
