package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.List;

/** Asks a cluster how it is: one question that takes both nodes and namespaces. */
final class CheckCluster {
  private final ClusterSettings cluster;
  private final Kubectl kubectl;

  CheckCluster(ClusterSettings cluster, Kubectl kubectl) {
    this.cluster = cluster;
    this.kubectl = kubectl;
  }

  /** As it is, fit or not. */
  ClusterState look() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    return kubectl.look();
  }

  /**
   * @throws ToolFailedException if its API does not answer
   * @throws ClusterUnusableException if a node is not ready
   */
  ClusterState check() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    ClusterState state = look();
    List<String> waiting = state.notReady();
    if (state.nodes().isEmpty() || !waiting.isEmpty()) {
      throw new ClusterUnusableException(
          "Kind cluster '%s' has %s; look at it with `kubectl --context kind-%s describe nodes`"
              .formatted(
                  cluster.name(),
                  waiting.isEmpty()
                      ? "no nodes"
                      : "nodes that are not Ready: " + String.join(", ", waiting),
                  cluster.name()));
    }
    return state;
  }

  /** Namespaces that a clean cluster does not have. */
  List<String> leftovers(ClusterState state) {
    return state.leftovers(cluster.kind().leftoverNamespaces());
  }

  ClusterUnusableException noAnswer(ToolFailedException e) {
    return new ClusterUnusableException(
        "the API of Kind cluster '%s' does not answer (%s); start its containers again, or delete it with `kind delete cluster --name %s` and create it anew"
            .formatted(cluster.name(), e.reason(), cluster.name()));
  }

  ClusterUnusableException notClean(List<String> leftovers) {
    return new ClusterUnusableException(
        "Kind cluster '%s' has namespaces of an earlier run: %s; delete them with `kubectl --context kind-%s delete namespace %s`, or set kind.after-run to reset"
            .formatted(
                cluster.name(),
                String.join(", ", leftovers),
                cluster.name(),
                String.join(" ", leftovers)));
  }
}
