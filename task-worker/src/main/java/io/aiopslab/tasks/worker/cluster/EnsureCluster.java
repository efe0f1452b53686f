package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sees to it that the cluster is there, and that its kubeconfig is the one in use. */
final class EnsureCluster {
  private final ClusterSettings cluster;
  private final PrivateKubeconfig kubeconfig;
  private final RunTool tool;
  private final Kind kind;
  private boolean ensured;
  private @Nullable String nodeImage;

  EnsureCluster(ClusterSettings cluster, PrivateKubeconfig kubeconfig, RunTool tool) {
    this.cluster = cluster;
    this.kubeconfig = kubeconfig;
    this.tool = tool;
    this.kind = new Kind(tool, cluster, kubeconfig);
  }

  /** Does nothing after it went well, until it is told to look again. */
  void ensure(Consumer<String> progress) throws ClusterUnusableException, InterruptedException {
    if (ensured) {
      return;
    }
    try {
      if (kind.exists()) {
        exportOrRecreate(progress);
      } else {
        create(progress);
        export();
      }
    } catch (ToolFailedException e) {
      throw unusable("cannot be reached or created", e);
    }
  }

  /** A worker that was killed while it made a cluster left half of one, without a kubeconfig. */
  private void exportOrRecreate(Consumer<String> progress)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    try {
      export();
    } catch (ToolFailedException e) {
      if (e.isTimeOut() || !cluster.kind().mayCreate()) {
        throw e;
      }
      progress.accept(
          "Kind cluster '%s' is half made (%s) and is being created anew"
              .formatted(cluster.name(), e.reason()));
      kind.delete();
      kind.create();
      export();
    }
  }

  /** It may be gone, or be another one of that name. */
  void lookAgain() {
    ensured = false;
  }

  void recreate(Consumer<String> progress) throws ClusterUnusableException, InterruptedException {
    ensured = false;
    progress.accept("Kind cluster '%s' is being created anew".formatted(cluster.name()));
    try {
      kind.delete();
      kind.create();
      export();
    } catch (ToolFailedException e) {
      throw unusable("cannot be created anew", e);
    }
  }

  /** Null where Docker does not tell. */
  @Nullable String nodeImage() {
    return nodeImage;
  }

  private void create(Consumer<String> progress)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    String name = cluster.name();
    if (!cluster.kind().mayCreate()) {
      throw new ClusterUnusableException(
          "Kind cluster '%s' does not exist; create it with `kind create cluster --name %s` or set kind.create"
              .formatted(name, name));
    }
    progress.accept("Kind cluster '%s' is being created".formatted(name));
    kind.create();
  }

  private void export() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    kind.exportKubeconfig();
    nodeImage = NodeImage.ask(tool, kubeconfig, cluster.name(), cluster.kind().checkTimeout());
    ensured = true;
  }

  private ClusterUnusableException unusable(String what, ToolFailedException e) {
    return new ClusterUnusableException(
        "Kind cluster '%s' %s: %s; look at the container engine of this host, and delete what is left of a broken cluster with `kind delete cluster --name %s`"
            .formatted(cluster.name(), what, e.reason(), cluster.name()));
  }
}
