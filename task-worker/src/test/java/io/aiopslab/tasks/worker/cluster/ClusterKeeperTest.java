package io.aiopslab.tasks.worker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.worker.run.Aftermath;
import io.aiopslab.tasks.worker.run.RunPlace;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.JsonNode;

@Tag("long")
class ClusterKeeperTest {
  private static final Aftermath RECOVERED = new Aftermath(null, true);
  private static final String PROVISIONED =
      "{'namespace': 'observe', 'class': 'openebs-hostpath', 'policy': 'Delete', 'freed': 2}";
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  @TempDir Path directory;
  private final List<String> progress = new ArrayList<>();
  private final MockEnvironment environment = new MockEnvironment();
  private StandInKind tools;

  @BeforeEach
  void install() throws Exception {
    tools = new StandInKind(directory);
    environment.setProperty("PATH", tools.path());
  }

  @Test
  void whatIsMissingIsNotCreatedUnlessAllowed() throws Exception {
    ClusterKeeper keeper = keeper("kind-1");
    refuses(keeper, "'kind-1' does not exist; create it with `kind create cluster --name kind-1`");
    tools.create("kind-1");
    RunPlace place = prepare(keeper);
    Path kubeconfig = place.kubeconfig();
    assertThat(kubeconfig).isNotNull().content().containsOnlyOnce("name: kind-kind-1\n  context:");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
        .isEqualTo("rw-------");
    assertThat(progress).isEmpty();
  }

  @Test
  void whatIsMissingIsCreatedAsSet() throws Exception {
    Path config = Files.writeString(directory.resolve("kind.yaml"), "kind: Cluster");
    Path kubeconfig =
        prepare(keeper("kind-1", "create=true", "config=" + config, "create-timeout=90s"))
            .kubeconfig();
    assertThat(tools.calls("kind", "create"))
        .singleElement()
        .extracting(StandInKind.Call::words, LIST)
        .containsSubsequence("--name", "kind-1", "--kubeconfig", kubeconfig + "")
        .containsSubsequence("--wait", "90s", "--config", config.toString());
    assertThat(progress).containsExactly("Kind cluster 'kind-1' is being created");
  }

  @Test
  void aCreationThatTakesTooLongLeavesNothing() throws Exception {
    tools.setCreation("hanging");
    ClusterKeeper keeper = keeper("kind-1", "create=true", "create-timeout=1s");
    refuses(keeper, "kind did not end within 1s");
    assertThat(tools.has("kind-1", "")).isFalse();
    tools.setCreation("failing");
    refuses(keeper, "kind ended with status 1: ERROR: failed to create cluster: no space left");
    tools.setCreation("");
    prepare(keeper);
  }

  @Test
  void anInterruptedCreationLeavesNothing() throws Exception {
    tools.setCreation("hanging");
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> thrown.complete(failure(keeper("kind-1", "create=true"))), "slot");
    thread.start();
    tools.awaitCalls(1, "kind", "create");
    thread.interrupt();
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(tools.has("kind-1", "")).isFalse();
  }

  @Test
  void theClusterIsAskedOnceInAnIntervalAndAfterEachRun() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "check-interval=1h");
    assertThat(prepare(keeper)).isSameAs(prepare(keeper));
    assertThat(looks()).isEqualTo(1);
    keeper.used(RECOVERED);
    prepare(keeper);
    assertThat(looks()).isEqualTo(2);
    assertThat(tools.calls("docker")).hasSize(1);
    assertThat(tools.calls("kind", "get", "kubeconfig")).hasSize(1);
  }

  @Test
  void aClusterThatIsNotFitSaysWhy() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "check-interval=0s", "check-timeout=2s");
    prepare(keeper);
    tools.set("kind-1", "nodes/kind-1-worker", "NotReady");
    refuses(keeper, "nodes that are not Ready: kind-1-worker");
    tools.unset("kind-1", "nodes/kind-1-worker");
    tools.set("kind-1", "api", "broken");
    refuses(keeper, "does not answer (kubectl ended with status 1: The connection to the server");
    tools.set("kind-1", "api", "hanging");
    long start = System.nanoTime();
    refuses(keeper, "does not answer (kubectl did not end within 2s)");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    tools.set("kind-1", "api", "ok");
    prepare(keeper);
  }

  @Test
  void anotherClusterOfThatNameIsFoundAgain() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "check-interval=0s");
    Path kubeconfig = prepare(keeper).kubeconfig();
    assertThat(kubeconfig).isNotNull();
    String before = Files.readString(kubeconfig);
    tools.delete("kind-1");
    refuses(keeper, "the API of Kind cluster 'kind-1' does not answer");
    refuses(keeper, "does not exist");
    tools.create("kind-1");
    assertThat(prepare(keeper).kubeconfig()).content().isNotEqualTo(before);
  }

  @Test
  void leftoversAreLeftToTheOperatorWithReuse() throws Exception {
    tools.create("kind-1");
    tools.set("kind-1", "namespaces/openebs", "Terminating never");
    tools.set("kind-1", "namespaces/somebodys-own", "Active");
    ClusterKeeper keeper = keeper("kind-1", "after-run=reuse");
    refuses(
        keeper, "has leftovers of an earlier run: namespaces openebs; delete them with `kubectl");
    refuses(keeper, "openebs");
    assertThat(tools.calls("kubectl", "delete")).isEmpty();
    tools.unset("kind-1", "namespaces/openebs");
    prepare(keeper);
  }

  @Test
  void leftoversAreDeletedWithReset() throws Exception {
    tools.create("kind-1");
    tools.set("kind-1", "namespaces/openebs", "Active");
    tools.set("kind-1", "namespaces/train-ticket", "Active");
    tools.set("kind-1", "namespaces/somebodys-own", "Active");
    prepare(keeper("kind-1", "after-run=reset"));
    assertThat(tools.calls("kubectl", "delete", "namespace", "train-ticket"))
        .singleElement()
        .extracting(StandInKind.Call::words, LIST)
        .contains("--wait=false", "--context", "kind-kind-1")
        .doesNotContain("somebodys-own", "openebs");
    assertThat(tools.has("kind-1", "namespaces/openebs")).isFalse();
    assertThat(tools.has("kind-1", "namespaces/somebodys-own")).isTrue();
    assertThat(progress)
        .containsExactly(
            "namespaces openebs, train-ticket of Kind cluster 'kind-1' are being deleted");
  }

  @Test
  void volumesThatWereClaimedFromLeftoversGoTooAndTheirProvisionerGoesLast() throws Exception {
    tools.create("kind-1");
    tools.set("kind-1", "namespaces/test-hotel-reservation", "Active");
    tools.set("kind-1", "namespaces/observe", "Active");
    tools.set("kind-1", "namespaces/chaos-mesh", "Active");
    tools.set("kind-1", "namespaces/openebs", "Active");
    tools.put("kind-1", "volumes/geo-pv", "{'namespace': 'test-hotel-reservation'}");
    tools.put("kind-1", "volumes/pvc-1", PROVISIONED);
    tools.put("kind-1", "volumes/somebodys-own", "{'namespace': 'theirs', 'class': 'standard'}");
    tools.put("kind-1", "classes/openebs-hostpath", "");
    tools.put("kind-1", "classes/standard", "");
    tools.put("kind-1", "definitions/podchaos.chaos-mesh.org", "");
    tools.put("kind-1", "definitions/cstorvolumes.cstor.openebs.io", "");
    tools.put("kind-1", "definitions/certificates.cert-manager.io", "");
    prepare(keeper("kind-1"));
    assertThat(deleted())
        .containsExactly(
            "namespace observe test-hotel-reservation",
            "persistentvolume geo-pv",
            "customresourcedefinition cstorvolumes.cstor.openebs.io podchaos.chaos-mesh.org",
            "storageclass openebs-hostpath",
            "namespace chaos-mesh openebs");
    assertThat(tools.has("kind-1", "volumes/pvc-1")).as("freed by its provisioner").isFalse();
    assertThat(tools.has("kind-1", "volumes/somebodys-own")).isTrue();
    assertThat(tools.has("kind-1", "classes/standard")).isTrue();
    assertThat(tools.has("kind-1", "definitions/certificates.cert-manager.io")).isTrue();
  }

  @Test
  void aVolumeWhoseProvisionerIsGoneIsDeletedAtOnce() throws Exception {
    tools.create("kind-1");
    tools.put("kind-1", "volumes/pvc-1", PROVISIONED);
    prepare(keeper("kind-1"));
    assertThat(deleted()).containsExactly("persistentvolume pvc-1");
  }

  @Test
  void afterARunThatWasNotSeenToRecoverTheClusterIsMadeAnewWhereThatIsAllowed() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "create=true", "after-run=reset");
    prepare(keeper);
    keeper.entering("task 1");
    keeper.used(RECOVERED);
    prepare(keeper);
    assertThat(tools.calls("kind", "create")).isEmpty();
    keeper.entering("task 2");
    keeper.used(new Aftermath("its fault was not recovered: kubectl scale", true));
    prepare(keeper);
    assertThat(tools.calls("kind", "delete")).hasSize(1);
    assertThat(tools.calls("kind", "create")).hasSize(1);
  }

  @Test
  void whereItIsNotAllowedTheClusterIsLeftAloneUntilItIsMadeAnew() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "after-run=reset");
    prepare(keeper);
    keeper.entering("task 2");
    keeper.used(new Aftermath("its fault was not recovered: kubectl scale", true));
    refuses(keeper, "may still have the fault of an earlier run (task 2: its fault was not recov");
    refuses(keeper, "annotate namespace kube-system aiopslab.io/run-");
    tools.delete("kind-1");
    refuses(keeper, "does not answer");
    tools.create("kind-1");
    prepare(keeper);
  }

  @Test
  void aRunThatIsBrokenOffWithItsWorkerIsRememberedByTheCluster() throws Exception {
    tools.create("kind-1");
    ClusterKeeper dead = keeper("kind-1");
    prepare(dead);
    dead.entering("task 2");
    ClusterKeeper next = keeper("kind-1");
    refuses(next, "(task 2 was on it when its worker ended)");
    tools.put("kind-1", "annotations", "{}");
    prepare(next);
    dead.entering("task 3");
    prepare(keeper("kind-1", "create=true"));
    assertThat(tools.calls("kind", "create")).hasSize(1);
  }

  @Test
  void anUnfinishedCleanUpIsNotCleanWhereNobodyCleansUp() throws Exception {
    tools.create("kind-1");
    for (String afterRun : List.of("reset", "reuse")) {
      ClusterKeeper keeper = keeper("kind-1", "after-run=" + afterRun);
      prepare(keeper);
      keeper.entering("task 1");
      keeper.used(new Aftermath(null, false));
      if (afterRun.equals("reset")) {
        prepare(keeper);
      } else {
        refuses(keeper, "task 1: its clean-up was not seen to come to its end");
      }
    }
  }

  @Test
  void aMarkThatCouldNotBeMadeBeforeTheRunIsMadeAfterIt() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1");
    prepare(keeper);
    tools.set("kind-1", "api", "broken");
    keeper.entering("task 1");
    keeper.used(Aftermath.UNKNOWN);
    refuses(keeper, "does not answer");
    tools.set("kind-1", "api", "ok");
    refuses(keeper, "task 1: its run was broken off");
    refuses(keeper("kind-1"), "task 1 was on it when its worker ended");
  }

  @Test
  void halfAClusterIsDeletedAndMadeAnewWhereThatIsAllowed() throws Exception {
    Files.createDirectories(tools.file("kind-1", ""));
    refuses(keeper("kind-1"), "failed to get cluster internal kubeconfig");
    prepare(keeper("kind-1", "create=true"));
    assertThat(tools.calls("kind", "delete")).hasSize(1);
    assertThat(progress).singleElement().asString().contains("'kind-1' is half made");
  }

  /** What was deleted, in order: kind and names. */
  private List<String> deleted() {
    return tools.calls("kubectl", "delete").stream()
        .map(
            call -> String.join(" ", call.words().subList(2, call.words().indexOf("--wait=false"))))
        .toList();
  }

  @Test
  void aDeletionThatIsStuckIsTriedAgain() throws Exception {
    tools.create("kind-1");
    tools.set("kind-1", "lingering", "never");
    tools.set("kind-1", "namespaces/openebs", "Active");
    ClusterKeeper keeper = keeper("kind-1", "reset-timeout=0s");
    refuses(keeper, "namespaces openebs of Kind cluster 'kind-1' are still there 0s after");
    tools.set("kind-1", "namespaces/openebs", "Terminating 1");
    prepare(keeper);
    assertThat(tools.calls("kubectl", "delete")).hasSize(2);
  }

  @Test
  void eachRunGetsANewClusterWithRecreate() throws Exception {
    tools.create("kind-1");
    ClusterKeeper keeper = keeper("kind-1", "after-run=recreate", "check-interval=1h");
    prepare(keeper);
    String first = Files.readString(tools.file("kind-1", "identity"));
    keeper.used(RECOVERED);
    tools.setCreation("failing");
    refuses(keeper, "cannot be created anew: kind ended with status 1");
    tools.setCreation("");
    prepare(keeper);
    assertThat(tools.file("kind-1", "identity")).content().isNotEqualTo(first);
    int made = tools.calls("kind", "create").size();
    prepare(keeper);
    assertThat(tools.calls("kind", "create")).hasSize(made);
    assertThat(tools.calls("kind", "delete"))
        .allMatch(call -> call.words().contains("--kubeconfig"));
  }

  @Test
  void attestsWhatItSawBeforeAndSeesAfter() throws Exception {
    tools.create("kind-1");
    RunPlace place = prepare(keeper("kind-1"));
    tools.set("kind-1", "namespaces/openebs", "Active");
    assertThat((JsonNode) place.attestation().get())
        .isEqualTo(
            Json.mapper()
                .readTree(
                    """
                    {"cluster":"kind-1","context":"kind-kind-1","kubernetes_version":"v1.34.0",
                     "nodes":[{"name":"kind-1-control-plane","kubelet_version":"v1.34.0",
                       "os_image":"Debian GNU/Linux 12 (bookworm)",
                       "container_runtime":"containerd://2.1.3"}],
                     "node_image":"kindest/node:v1.34.0","clean_before":true,
                     "checked_at":"2026-11-23T10:00:00Z","clean_after":false,
                     "cluster_answers":true,"leftover_namespaces":["openebs"],
                     "leftover_volumes":[],"leftover_storage_classes":[],
                     "leftover_definitions":[]}\
                    """));
    tools.set("kind-1", "api", "broken");
    assertThat(place.attestation().get() + "")
        .contains("\"clean_after\":false,\"cluster_answers\":false,\"leftover_namespaces\":[]");
  }

  @Test
  void dockerIsNotNeededAndTheOthersAreAskedFor() throws Exception {
    tools.create("kind-1");
    tools.uninstall("docker");
    assertThat(prepare(keeper("kind-1")).attestation().get() + "").contains("\"node_image\":null");
    tools.uninstall("kind");
    refuses(keeper("kind-1"), "there is no program 'kind' on the PATH of the worker; install it");
  }

  private int looks() {
    return tools.calls("kubectl", "get", ClusterState.ASKED).size();
  }

  private RunPlace prepare(ClusterKeeper keeper) throws Exception {
    return keeper.prepare(progress::add);
  }

  private void refuses(ClusterKeeper keeper, String sentence) {
    assertThatThrownBy(() -> prepare(keeper))
        .isInstanceOf(ClusterUnusableException.class)
        .hasMessageContaining(sentence);
  }

  private Throwable failure(ClusterKeeper keeper) {
    try {
      return new AssertionError(prepare(keeper));
    } catch (Exception e) {
      return e;
    }
  }

  private ClusterKeeper keeper(String name, String... kind) {
    Map<String, Object> keys = new LinkedHashMap<>(Map.of("c.name", name));
    for (String setting : kind) {
      int equals = setting.indexOf('=');
      keys.put("c.kind." + setting.substring(0, equals), setting.substring(equals + 1));
    }
    ClusterSettings cluster =
        new Binder(new MapConfigurationPropertySource(keys)).bind("c", ClusterSettings.class).get();
    RunTool tool = new RunTool(environment);
    return new ClusterKeeper(
        cluster,
        new PrivateKubeconfig(directory.resolve("state"), "kind-" + name),
        tool,
        new ToolVersions(tool),
        Clock.fixed(NOW, ZoneOffset.UTC));
  }
}
