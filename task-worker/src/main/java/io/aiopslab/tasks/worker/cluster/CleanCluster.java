package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Deletes what a run left in its cluster, and waits until it is gone: first what was made by
 * operators that AIOpsLab installs, then these operators, because they finish such deletions (a
 * volume's data, a chaos experiment's finalizer).
 */
final class CleanCluster {
  private static final long LOOK_MILLIS = 1000;
  private static final Set<String> OF_OPERATORS = Set.of("openebs", "chaos-mesh", "tidb-admin");
  private static final Duration PROVISIONER_PATIENCE = Duration.ofSeconds(30);

  private final ClusterSettings cluster;
  private final Kubectl kubectl;
  private final CheckCluster checking;

  CleanCluster(ClusterSettings cluster, Kubectl kubectl, CheckCluster checking) {
    this.cluster = cluster;
    this.kubectl = kubectl;
    this.checking = checking;
  }

  /**
   * @param found as it was found, with leftovers
   * @return the state without them
   */
  ClusterState delete(ClusterState found)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    long end = System.nanoTime() + cluster.kind().resetTimeout().toNanos();
    ClusterState state = delete(found, "namespace", CleanCluster::ofApplications, end);
    state = awaitProvisioner(state, end);
    state = delete(state, "persistentvolume", Leftovers::volumeNames, end);
    state = delete(state, "customresourcedefinition", Leftovers::resourceDefinitions, end);
    state = delete(state, "storageclass", Leftovers::storageClasses, end);
    return delete(state, "namespace", Leftovers::namespaces, end);
  }

  private static List<String> ofApplications(Leftovers leftovers) {
    return leftovers.namespaces().stream().filter(name -> !OF_OPERATORS.contains(name)).toList();
  }

  private ClusterState delete(
      ClusterState found, String kind, Function<Leftovers, List<String>> part, long end)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    ClusterState state = found;
    List<String> left = part.apply(checking.leftovers(state));
    if (!left.isEmpty()) {
      kubectl.delete(kind, left);
    }
    while (!left.isEmpty()) {
      state = checking.check();
      left = part.apply(checking.leftovers(state));
      if (!left.isEmpty()) {
        pause(end, kind, left);
      }
    }
    return state;
  }

  /** Its provisioner frees a volume after its claim is gone, if there still is one. */
  private ClusterState awaitProvisioner(ClusterState found, long end)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    long patience = Math.min(end, System.nanoTime() + PROVISIONER_PATIENCE.toNanos());
    ClusterState state = found;
    while (isFreeing(checking.leftovers(state)) && System.nanoTime() < patience) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      state = checking.check();
    }
    return state;
  }

  private static boolean isFreeing(Leftovers left) {
    return left.volumes().stream().anyMatch(ClusterState.Volume::freedByProvisioner)
        && left.namespaces().stream().anyMatch(OF_OPERATORS::contains);
  }

  private void pause(long end, String kind, List<String> left)
      throws ClusterUnusableException, InterruptedException {
    long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (millis <= 0) {
      throw new ClusterUnusableException(
          "%ss %s of Kind cluster '%s' are still there %ds after their deletion; look for finalizers with `kubectl --context kind-%s get %ss -o yaml`, raise kind.reset-timeout, or delete the cluster (`kind delete cluster --name %s`)"
              .formatted(
                  kind,
                  String.join(", ", left),
                  cluster.name(),
                  cluster.kind().resetTimeout().toSeconds(),
                  cluster.name(),
                  kind,
                  cluster.name()));
    }
    TimeUnit.MILLISECONDS.sleep(Math.min(millis, LOOK_MILLIS));
  }
}
