package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** AIOpsLab on Kind clusters: everything is real but the cluster and the problem in it. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealClustersIT {
  private static final String LOOK = "exec_shell(\\\"kubectl get pods -A\\\")";
  private static final String YES = "submit(\\\"Yes\\\")";

  private RunningSystem system;

  @BeforeAll
  void start() {
    system = RunningSystem.shared();
  }

  @Test
  void twoSlotsOnTwoClustersNeverNameEachOthers(@TempDir Path directory) throws IOException {
    StandInHost host = new StandInHost(directory);
    List<String> clusters = List.of("apart-red", "apart-blue");
    List<JsonNode> tasks = new ArrayList<>();
    try (ServiceProcess worker = worker(host, "apart", Map.of(), clusters)) {
      List<String> ids =
          IntStream.range(0, 10)
              .mapToObj(
                  i -> submit(10, "apart", "pod_failure_hotel_res-detection-1", 10, LOOK, YES))
              .toList();
      for (String id : ids) {
        JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(3));
        assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
        JsonNode result = task.path("result");
        assertThat(result.path("reward").asDouble()).isEqualTo(1.0);
        assertThat(result.path("environment").asString()).isEqualTo("aiopslab");
        assertAttested(task.path("worker_id").asString(), result.path("attestation"));
        JsonNode own = system.client().aiopslabResult(id);
        assertThat(own.path("session_id")).isEqualTo(result.at("/attestation/aiopslab_session_id"));
        assertThat(own.path("results")).isEqualTo(result.path("output"));
        tasks.add(task);
      }
    }
    assertRanAtTheSameTime(tasks, clusters);
    Map<String, Long> callsByCluster =
        host.calls().stream()
            .peek(call -> assertNamesOneCluster(call, clusters))
            .collect(Collectors.groupingBy(RealClustersIT::cluster, Collectors.counting()));
    assertThat(callsByCluster).containsKeys("apart-red", "apart-blue");
  }

  private static void assertRanAtTheSameTime(List<JsonNode> tasks, List<String> clusters) {
    assertThat(tasks.stream().map(task -> task.path("worker_id").asString()))
        .hasSameElementsAs(clusters);
    assertThat(
            tasks.stream()
                .flatMap(one -> tasks.stream().filter(other -> overlap(one, other)))
                .count())
        .as("pairs of runs on two clusters at once")
        .isPositive();
  }

  private static boolean overlap(JsonNode one, JsonNode other) {
    return !one.path("worker_id").equals(other.path("worker_id"))
        && instant(one, "started_at").isBefore(instant(other, "completed_at"))
        && instant(other, "started_at").isBefore(instant(one, "completed_at"));
  }

  private static Instant instant(JsonNode task, String member) {
    return Instant.parse(task.path(member).asString());
  }

  private static void assertAttested(String cluster, JsonNode facts) {
    assertThat(facts.path("cluster").asString()).as(facts.toString()).isEqualTo(cluster);
    for (String fact :
        List.of(
            "clean_before",
            "fault_injected",
            "fault_recovered",
            "cleanup_finished",
            "cluster_answers",
            "clean_after")) {
      assertThat(facts.path(fact).asBoolean()).as(fact + " in " + facts).isTrue();
    }
    assertThat(facts.path("node_image").asString()).isEqualTo("kindest/node:v1.34.0");
  }

  private static void assertNamesOneCluster(JsonNode call, List<String> clusters) {
    String whole = call.toString();
    String own = cluster(call);
    assertThat(clusters.stream().filter(whole::contains).filter(other -> !other.equals(own)))
        .as(whole)
        .isEmpty();
    assertThat(call.path("environment").path("KUBECONFIG").asString("")).isNotEmpty();
  }

  /** Of a run, from its environment; of the worker itself, from what it asks for. */
  private static String cluster(JsonNode call) {
    String own = call.path("environment").path("AIOPSLAB_CLUSTER").asString("");
    if (!own.isEmpty()) {
      return own;
    }
    String whole = call.toString();
    return whole.contains("apart-red")
        ? "apart-red"
        : whole.contains("apart-blue") ? "apart-blue" : "";
  }

  @Test
  void aSetUpThatHangsEndsAtItsDeadlineWithTheFaultRecovered(@TempDir Path directory)
      throws IOException {
    StandInHost host = new StandInHost(directory);
    Map<String, String> shortMinutes = Map.of("AIOPSLAB_WORKER_MINUTE", "12s");
    try (ServiceProcess worker = worker(host, "hangs", shortMinutes, List.of("hangs-a"))) {
      String id = submit(1, "hangs", "hanging_workload-detection-1", 10, YES);
      JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(2));
      assertThat(task.path("failure_code").asString()).as(task.toString()).isEqualTo("timeout");
      assertThat(task.path("result").path("reward").isNull()).isTrue();
      JsonNode facts = task.path("result").path("attestation");
      assertThat(facts.path("fault_recovered").asBoolean())
          .as(facts + " " + messages(id) + worker.tail())
          .isTrue();
      assertThat(facts.path("cleanup_finished").asBoolean()).isFalse();
      assertThat(messages(id)).containsOnlyOnce("== Fault Recovery ==");

      String next = submit(10, "hangs", "pod_failure_hotel_res-detection-1", 10, YES);
      JsonNode after = system.client().awaitEnd(next, Duration.ofMinutes(2));
      assertThat(after.path("status").asString()).as(after.toString()).isEqualTo("completed");
    }
  }

  @Test
  void aClusterThatDiesIsMadeAnewBeforeItsSlotTakesAnotherTask(@TempDir Path directory)
      throws IOException {
    StandInHost host = new StandInHost(directory);
    try (ServiceProcess worker = worker(host, "dies", Map.of(), List.of("dies-a"))) {
      String[] looks = IntStream.range(0, 200).mapToObj(i -> LOOK).toArray(String[]::new);
      String id = submit(10, "dies", "pod_failure_hotel_res-detection-1", 100, looks);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> system.client().task(id).path("progress").path("steps").asInt() > 1);
      host.setApi("dies-a", "broken");
      JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(2));
      assertThat(task.path("failure_code").asString()).isEqualTo("environment_setup_failed");
      assertThat(task.path("error_details").asString()).contains("dies-a stopped answering");

      String next = submit(10, "dies", "pod_failure_hotel_res-detection-1", 10, YES);
      JsonNode after = system.client().awaitEnd(next, Duration.ofMinutes(2));
      assertThat(after.path("status").asString()).as(after.toString()).isEqualTo("completed");
      assertThat(host.calls().stream().map(call -> call.path("argv").toString()))
          .as("nobody saw its fault recovered, so it was made anew")
          .filteredOn(argv -> argv.contains("\"create\",\"cluster\""))
          .hasSize(2);
      assertThat(awaitWorker("dies-a", "idle").path("status_reason").isNull()).isTrue();
    }
  }

  @Test
  void aTrainerStepsTheOrchestratorItself(@TempDir Path directory) throws IOException {
    StandInHost host = new StandInHost(directory);
    try (ServiceProcess worker = worker(host, "stepped", Map.of(), List.of("stepped-a"))) {
      SessionClient trainer = new SessionClient(system::url);
      String id =
          trainer
              .open("pod_failure_hotel_res-detection-1", "stepped", ", \"max_steps\": 5")
              .text("id");
      JsonNode open = trainer.get(id + "?wait=60s").body();
      assertThat(open.path("state").asString()).as(open + worker.tail()).isEqualTo("open");
      JsonNode looked = trainer.step(id, 0, "exec_shell(\"kubectl get pods -A\")").body();
      assertThat(looked.path("done").asBoolean()).as(looked.toString()).isFalse();
      assertThat(host.calls().stream().map(JsonNode::toString))
          .as("the agent's shell is in the control plane")
          .anyMatch(call -> call.contains("exec") && call.contains("stepped-a-control-plane"));
      JsonNode graded = trainer.step(id, 1, "submit(\"Yes\")").body();
      assertThat(graded.path("done").asBoolean()).as(graded.toString()).isTrue();

      JsonNode task = system.client().awaitEnd(id, Duration.ofMinutes(2));
      assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("completed");
      assertThat(task.at("/result/reward").asDouble()).isEqualTo(1.0);
      assertAttested("stepped-a", task.at("/result/attestation"));
    }
  }

  private JsonNode awaitWorker(String id, String status) {
    return await(id + " is " + status)
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> system.client().worker(id),
            worker -> worker.path("status").asString().equals(status));
  }

  private ServiceProcess worker(
      StandInHost host, String backend, Map<String, String> more, List<String> clusters) {
    String[] names = clusters.toArray(String[]::new);
    Map<String, String> settings = new HashMap<>(host.settings(names));
    settings.putAll(more);
    return system.worker(settings, backend, names);
  }

  private String submit(
      int minutes, String backend, String problem, int delayMs, String... actions) {
    String quoted =
        List.of(actions).stream().map(a -> '"' + a + '"').collect(Collectors.joining(","));
    return system
        .client()
        .submit(
            """
            {"problem_id": "%s", "backend_type": "%s", "max_steps": 200, "timeout_minutes": %d,
             "agent_config": {"agent": "scripted", "delay_ms": %d, "actions": [%s]}}
            """
                .formatted(problem, backend, minutes, delayMs, quoted));
  }

  private List<String> messages(String id) {
    return system.client().logs(id).stream().map(line -> line.path("message").asString()).toList();
  }
}
