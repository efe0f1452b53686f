package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.FaultWatch.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * AIOpsLab's own Orchestrator with real kubectl and helm on two Kubernetes clusters at once, from
 * the submission over REST to the grade and the next run: for {@code make test-kubernetes}, which
 * says what it needs. A table is printed; what its rows must show is in {@link Played#judge}.
 */
@Tag("kubernetes")
class KubernetesIT {
  private static final Path TABLE = Path.of("target/kubernetes-table.txt");

  /** If none has ended for so long, none will: the clusters are unusable. */
  private static final Duration LONGEST_RUN = Duration.ofMinutes(15);

  private static final String SOCIAL = "test-social-network";
  private static final String HOTEL = "test-hotel-reservation";

  private static final Fault NONE = new Fault("", "", "", value -> false);
  private static final Fault IMAGE =
      new Fault(
          "Deployment",
          "geo",
          "/spec/template/spec/containers/0/image",
          value -> value.asString().endsWith(":app3"));
  private static final Fault PROGRAM =
      new Fault(
          "Deployment",
          "profile",
          "/spec/template/spec/containers/0/command/0",
          value -> value.asString().equals("geo"));
  private static final Fault SCALE =
      new Fault("Deployment", "user-service", "/spec/replicas", value -> value.asInt() == 0);
  private static final Fault PORT =
      new Fault(
          "Service",
          "user-service",
          "/spec/ports/0/targetPort",
          value -> value.asString("").equals("9999") || value.asInt(0) == 9999);
  private static final Fault NODE =
      new Fault(
          "Deployment",
          "user-service",
          "/spec/template/spec/nodeSelector",
          value -> !value.isMissingNode());

  private static final String ROLLED_OUT =
      shell("kubectl rollout status deployment/user-service -n " + SOCIAL + " --timeout=25s");
  private static final String ALL_READY =
      shell("kubectl wait --for=condition=Ready pod --all -n " + HOTEL + " --timeout=25s");
  private static final String FREE_VOLUMES =
      shell(
          "for v in $(kubectl get pv --no-headers | grep Released | cut -d ' ' -f 1); do"
              + " kubectl get pv $v -o yaml | sed '/claimRef:/,/uid:/d' | kubectl replace -f -; done");
  private static final String CORRECT_PORT =
      edit("service", "s/targetPort: 9999/targetPort: 9090/");
  private static final String ANY_NODE = edit("deployment", "/nodeSelector:/,+1d");
  private static final String LINGER = shell("sleep 25");
  private static final String SUBMIT = "submit()";

  /** When a run is cancelled, which sends it a SIGTERM. */
  private enum Stop {
    NEVER,
    BEFORE_THE_FAULT,
    IN_SET_UP,
    IN_A_TURN,
    IN_GRADING,
    IN_CLEAN_UP
  }

  /**
   * A task, and what must come of it.
   *
   * @param reward of a run that is not stopped
   * @param whole the component application_whole; null where it is not a mitigation
   */
  private record Play(
      String problem,
      Fault fault,
      Stop stop,
      @Nullable Double reward,
      @Nullable Double whole,
      List<String> actions) {

    static Play graded(
        String problem, Fault fault, double reward, @Nullable Double whole, String... actions) {
      return new Play(problem, fault, Stop.NEVER, reward, whole, List.of(actions));
    }

    static Play stopped(String problem, Fault fault, Stop stop, String... actions) {
      return new Play(problem, fault, stop, null, null, List.of(actions));
    }

    String submission() {
      ObjectNode task = Json.mapper().createObjectNode();
      task.put("problem_id", problem).put("backend_type", "kubernetes");
      task.put("timeout_minutes", 30).put("max_steps", 20);
      ObjectNode agent = task.putObject("agent_config").put("agent", "scripted");
      agent.put("settle_seconds", stop == Stop.IN_GRADING ? 300 : 60);
      actions.forEach(agent.putArray("actions")::add);
      return task.toString();
    }
  }

  private static final List<Play> PLAYS =
      List.of(
          Play.graded("misconfig_app_hotel_res-detection-1", IMAGE, 1, null, "submit(\"Yes\")"),
          Play.graded(
              "scale_pod_zero_social_net-localization-1",
              SCALE,
              1,
              null,
              "submit([\"user-service\"])"),
          Play.stopped(
              "wrong_bin_usage-detection-1", PROGRAM, Stop.IN_A_TURN, LINGER, "submit(\"Yes\")"),
          Play.graded(
              "scale_pod_zero_social_net-mitigation-1",
              SCALE,
              1,
              1.0,
              shell("kubectl scale deployment user-service --replicas=1 -n " + SOCIAL),
              ROLLED_OUT,
              SUBMIT),
          Play.graded(
              "redeploy_without_PV-mitigation-1",
              NONE,
              1,
              1.0,
              FREE_VOLUMES,
              ALL_READY,
              ALL_READY,
              ALL_READY,
              SUBMIT),
          Play.graded("k8s_target_port-misconfig-mitigation-1", PORT, 1, 1.0, CORRECT_PORT, SUBMIT),
          Play.stopped("misconfig_app_hotel_res-detection-1", IMAGE, Stop.IN_SET_UP, SUBMIT),
          Play.graded(
              "assign_to_non_existent_node_social_net-mitigation-1",
              NODE,
              1,
              1.0,
              ANY_NODE,
              ROLLED_OUT,
              SUBMIT),
          // Pods that are Pending: one grader trips over them, the other takes them for a cure.
          Play.graded("redeploy_without_PV-mitigation-1", NONE, 0, 0.0, SUBMIT),
          Play.graded("assign_to_non_existent_node_social_net-mitigation-1", NODE, 1, 0.0, SUBMIT),
          Play.stopped(
              "scale_pod_zero_social_net-detection-1", SCALE, Stop.BEFORE_THE_FAULT, SUBMIT),
          Play.stopped(
              "assign_to_non_existent_node_social_net-mitigation-1", NODE, Stop.IN_GRADING, SUBMIT),
          Play.stopped(
              "k8s_target_port-misconfig-detection-1", PORT, Stop.IN_CLEAN_UP, "submit(\"Yes\")"));

  /** Edits user-service as an agent might. */
  private static String edit(String kind, String by) {
    String from = "kubectl get %s user-service -n %s -o yaml".formatted(kind, SOCIAL);
    return shell("%s | sed '%s' | kubectl replace -f -".formatted(from, by));
  }

  private static String shell(String command) {
    return "exec_shell(\"" + command + "\")";
  }

  /** A task as it goes, and afterwards as it went. */
  private static final class Played {
    final Play play;
    final String id;
    JsonNode task;
    boolean cancelled;
    final List<String> wrong = new ArrayList<>();

    Played(Play play, String id, JsonNode task) {
      this.play = play;
      this.id = id;
      this.task = task;
    }

    boolean isOver() {
      return !task.path("completed_at").isNull();
    }

    String cluster() {
      return task.path("worker_id").asString("");
    }

    Instant startedAt() {
      return Instant.parse(task.path("started_at").asString());
    }

    JsonNode fact(String name) {
      return task.at("/result/attestation/" + name);
    }

    /** Whether now is the moment to stop it. */
    boolean isDue(@Nullable FaultWatch watch) {
      String phase = task.path("progress").path("phase").asString("");
      if (cancelled || isOver() || watch == null) {
        return false;
      }
      return switch (play.stop) {
        case NEVER -> false;
        case BEFORE_THE_FAULT -> phase.equals("setup");
        case IN_SET_UP ->
            phase.equals("setup") && watch.hasSeen(play.fault, startedAt(), Instant.MAX);
        case IN_A_TURN -> phase.equals("running");
        case IN_GRADING -> phase.equals("grading");
        case IN_CLEAN_UP -> phase.equals("cleanup");
      };
    }

    /** Both tell of the same session, and of the same results. */
    void compare(JsonNode aiopslabs) {
      expect(aiopslabs.path("session_id"), fact("aiopslab_session_id"), "AIOpsLab's session");
      expect(aiopslabs.path("results"), task.at("/result/output"), "AIOpsLab's own results");
      expect(aiopslabs.path("trace").isEmpty(), false, "whether AIOpsLab's trace is empty");
    }

    void judge(FaultWatch watch, Instant until) {
      boolean isStopped = play.stop != Stop.NEVER;
      JsonNode result = task.path("result");
      expect(task.path("status").asString(), isStopped ? "cancelled" : "completed", "status");
      expect(
          result.path("reward").isNumber() ? result.path("reward").asDouble() : null,
          play.reward,
          "reward");
      JsonNode whole = result.at("/reward_components/application_whole");
      if (!isStopped) {
        expect(whole.isNumber() ? whole.asDouble() : null, play.whole, "application_whole");
        expect(fact("cleanup_finished").asBoolean(), true, "cleanup_finished");
      }
      boolean isInjected = play.stop != Stop.BEFORE_THE_FAULT;
      expect(fact("fault_injected").asBoolean(), isInjected, "fault_injected");
      expect(
          fact("fault_recovered").isBoolean() ? fact("fault_recovered").asBoolean() : null,
          isInjected ? true : null,
          "fault_recovered");
      expect(fact("clean_before").asBoolean(), true, "clean_before");
      expect(fact("cluster_answers").asBoolean(), true, "cluster_answers");
      if (!play.fault.equals(NONE)) {
        expect(watch.hasSeen(play.fault, startedAt(), until), isInjected, "the fault was seen");
        expect(watch.isGone(play.fault, startedAt(), until), true, "the fault was seen to go");
      }
    }

    private void expect(@Nullable Object is, @Nullable Object wanted, String what) {
      if (!Objects.equals(is, wanted)) {
        wrong.add(what + " is " + is + ", not " + wanted);
      }
    }

    private String recovery() {
      JsonNode recovered = fact("fault_recovered");
      if (recovered.isMissingNode()) {
        return "not said";
      }
      return recovered.isNull() ? "no fault" : recovered.asBoolean() ? "recovered" : "not gone";
    }

    String row() {
      JsonNode result = task.path("result");
      return "%-52s%-23s%-20s%5d s  %-11s%-7s%-7s%-10s%s"
          .formatted(
              play.problem,
              play.stop == Stop.NEVER
                  ? ""
                  : "TERM " + play.stop.name().toLowerCase(Locale.ROOT).replace('_', ' '),
              cluster(),
              isOver()
                  ? Duration.between(
                          startedAt(), Instant.parse(task.path("completed_at").asString()))
                      .toSeconds()
                  : 0,
              task.path("status").asString(),
              result.path("reward").isNumber() ? result.path("reward").asDouble() : "-",
              result.at("/reward_components/application_whole").isNumber()
                  ? result.at("/reward_components/application_whole").asDouble()
                  : "-",
              recovery(),
              wrong.isEmpty() ? "ok" : "WRONG");
    }
  }

  @Test
  void everyRunIsGradedByItsClusterAndLeavesItWithoutAFault(@TempDir Path directory)
      throws Exception {
    assumeTrue(
        KindHost.kubeconfigs().size() == 2 && System.getenv("AIOPSLAB_TEST_HOME") != null,
        "AIOPSLAB_TEST_KUBECONFIGS names no two kubeconfigs, or AIOPSLAB_TEST_HOME no checkout; see CONTRIBUTING.md");
    Map<String, FaultWatch> watches = new LinkedHashMap<>();
    try (KindHost host = new KindHost(directory);
        RunningSystem system = RunningSystem.startWithSlowSweeps(directory);
        ServiceProcess worker = system.worker(host.settings(), "kubernetes", host.clusters())) {
      for (String cluster : host.clusters()) {
        watches.put(cluster, new FaultWatch(host, cluster));
      }
      String only = System.getProperty("aiopslab.kubernetes.only", "");
      List<Played> all =
          PLAYS.stream()
              .filter(play -> (play.problem + " " + play.stop).matches(".*(" + only + ").*"))
              .map(play -> submit(system.client(), play))
              .toList();
      playToTheEnd(system.client(), all, watches);
      judge(all, watches);
      String table = table(all, system.client());
      Files.writeString(TABLE, table);
      System.out.println(table);
      assertThat(all.stream().filter(played -> !played.wrong.isEmpty()).map(Played::row))
          .as(table + worker.tail())
          .isEmpty();
      awaitIdle(system.client(), host.clusters());
      assertNothingIsLeft(host);
    } finally {
      watches.values().forEach(FaultWatch::close);
    }
  }

  private static Played submit(TaskClient client, Play play) {
    String id = client.submit(play.submission());
    return new Played(play, id, client.task(id));
  }

  private static void playToTheEnd(
      TaskClient client, List<Played> all, Map<String, FaultWatch> watches)
      throws InterruptedException {
    long lastEnd = System.nanoTime();
    while (all.stream().anyMatch(played -> !played.isOver())
        && System.nanoTime() - lastEnd < LONGEST_RUN.toNanos()) {
      for (Played played : all) {
        if (!played.isOver()) {
          played.task = client.task(played.id);
          if (played.isDue(watches.get(played.cluster()))) {
            played.cancelled = true;
            client.cancel(played.id, "stopped by the test");
          }
          if (played.task.path("status").asString().equals("completed")) {
            played.compare(client.aiopslabResult(played.id));
          }
          if (played.isOver()) {
            lastEnd = System.nanoTime();
            System.out.println(played.row().replaceFirst(" ok$", ""));
          }
        }
      }
      TimeUnit.MILLISECONDS.sleep(250); // the phases of all are looked at in turn
    }
  }

  /** Each slot has cleaned its cluster, and would take the next task. */
  private static void awaitIdle(TaskClient client, String[] clusters) {
    for (String cluster : clusters) {
      await(cluster + " is idle")
          .atMost(Duration.ofMinutes(10))
          .until(() -> client.worker(cluster).path("status").asString().equals("idle"));
    }
  }

  private static void judge(List<Played> all, Map<String, FaultWatch> watches) {
    for (Played played : all) {
      FaultWatch watch = watches.get(played.cluster());
      if (watch == null || !played.isOver()) {
        played.wrong.add("it has not ended");
      } else {
        played.judge(watch, nextStart(played, all));
      }
    }
    if (all.size() > 1
        && all.stream().noneMatch(one -> all.stream().anyMatch(two -> overlap(one, two)))) {
      all.get(0).wrong.add("no two runs were on two clusters at once");
    }
  }

  /** When the next run on the same cluster began. */
  private static Instant nextStart(Played played, List<Played> all) {
    return all.stream()
        .filter(Played::isOver)
        .filter(other -> other.cluster().equals(played.cluster()))
        .map(Played::startedAt)
        .filter(start -> start.isAfter(played.startedAt()))
        .min(Comparator.naturalOrder())
        .orElse(Instant.MAX);
  }

  private static boolean overlap(Played one, Played other) {
    return one.isOver()
        && other.isOver()
        && !one.cluster().equals(other.cluster())
        && one.startedAt().isBefore(Instant.parse(other.task.path("completed_at").asString()))
        && other.startedAt().isBefore(Instant.parse(one.task.path("completed_at").asString()));
  }

  private static String table(List<Played> all, TaskClient client) {
    StringBuilder table = new StringBuilder("\n");
    all.forEach(played -> table.append(played.row()).append('\n'));
    long wrong = all.stream().filter(played -> !played.wrong.isEmpty()).count();
    table.append("%d wrong rows of %d%n".formatted(wrong, all.size()));
    for (Played played : all) {
      if (!played.wrong.isEmpty()) {
        table.append("--- ").append(played.row()).append('\n');
        played.wrong.forEach(reason -> table.append(reason).append('\n'));
        table.append(played.task).append('\n');
        List<String> said =
            client.logs(played.id).stream().map(line -> line.path("message").asString()).toList();
        said.stream()
            .skip(Math.max(0, said.size() - 60))
            .forEach(line -> table.append("    ").append(line).append('\n'));
      }
    }
    return table.toString();
  }

  private static void assertNothingIsLeft(KindHost host) throws IOException, InterruptedException {
    for (String cluster : host.clusters()) {
      String left = host.kubectl(cluster, "get", "namespaces,pv,storageclasses", "-o", "name");
      assertThat(
              Stream.of(left.split("\n"))
                  .filter(name -> name.matches(".*(openebs|observe|test-|persistentvolume/).*")))
          .as(cluster)
          .isEmpty();
    }
  }
}
