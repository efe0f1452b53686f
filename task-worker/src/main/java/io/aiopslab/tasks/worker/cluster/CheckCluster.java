package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.List;

/** Asks a cluster how it is. */
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

  /** What a clean cluster does not have. */
  Leftovers leftovers(ClusterState state) {
    return state.leftovers(cluster.kind());
  }

  ClusterUnusableException noAnswer(ToolFailedException e) {
    return new ClusterUnusableException(
        "the API of Kind cluster '%s' does not answer (%s); start its containers again, or delete it with `kind delete cluster --name %s` and create it anew"
            .formatted(cluster.name(), e.reason(), cluster.name()));
  }

  ClusterUnusableException notClean(Leftovers leftovers) {
    return new ClusterUnusableException(
        "Kind cluster '%s' has leftovers of an earlier run: %s; delete them with `kubectl --context kind-%s delete`, or set kind.after-run to reset"
            .formatted(cluster.name(), leftovers.words(), cluster.name()));
  }

  /**
   * @param why half a sentence
   */
  ClusterUnusableException notRecovered(String why) {
    return new ClusterUnusableException(
        "Kind cluster '%s' may still have the fault of an earlier run (%s), which can be on its node's disk too; make it anew (`kind delete cluster --name %s`, then `kind create cluster --name %s`), or set kind.create so that the worker does; if you know that it is in order, `kubectl --context kind-%s annotate namespace kube-system %s-`"
            .formatted(
                cluster.name(),
                why,
                cluster.name(),
                cluster.name(),
                cluster.name(),
                ClusterState.RUN_MARK));
  }
}
