package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Deletes what a run left in its cluster, and waits until it is gone. */
final class CleanCluster {
  private static final long LOOK_MILLIS = 1000;

  private final ClusterSettings cluster;
  private final Kubectl kubectl;
  private final CheckCluster checking;

  CleanCluster(ClusterSettings cluster, Kubectl kubectl, CheckCluster checking) {
    this.cluster = cluster;
    this.kubectl = kubectl;
    this.checking = checking;
  }

  /**
   * @return the state without leftovers
   */
  ClusterState delete(List<String> leftovers)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    long end = System.nanoTime() + cluster.kind().resetTimeout().toNanos();
    kubectl.deleteNamespaces(leftovers);
    while (true) {
      ClusterState state = checking.check();
      List<String> left = checking.leftovers(state);
      if (left.isEmpty()) {
        return state;
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (millis <= 0) {
        throw stuck(left);
      }
      TimeUnit.MILLISECONDS.sleep(Math.min(millis, LOOK_MILLIS));
    }
  }

  private ClusterUnusableException stuck(List<String> left) {
    return new ClusterUnusableException(
        "namespaces %s of Kind cluster '%s' are still there %ds after their deletion; look for finalizers with `kubectl --context kind-%s get namespaces -o yaml`, raise kind.reset-timeout, or delete the cluster (`kind delete cluster --name %s`)"
            .formatted(
                String.join(", ", left),
                cluster.name(),
                cluster.kind().resetTimeout().toSeconds(),
                cluster.name(),
                cluster.name()));
  }
}
