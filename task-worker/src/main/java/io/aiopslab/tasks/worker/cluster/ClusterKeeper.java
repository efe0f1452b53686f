package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.run.RunPlace;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.KindSettings;
import io.aiopslab.tasks.worker.settings.KindSettings.AfterRun;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Keeps the Kind cluster of one slot fit for the next run; used by the slot's thread alone. */
public final class ClusterKeeper {
  private final ClusterSettings cluster;
  private final KindSettings settings;
  private final PrivateKubeconfig kubeconfig;
  private final ToolVersions versions;
  private final EnsureCluster ensuring;
  private final CheckCluster checking;
  private final CleanCluster cleaning;
  private final AttestCluster attesting;
  private boolean recreationDue;
  private @Nullable RunPlace place;
  private long placeNanos;

  ClusterKeeper(
      ClusterSettings cluster,
      PrivateKubeconfig kubeconfig,
      RunTool tool,
      ToolVersions versions,
      Clock clock) {
    this.cluster = cluster;
    this.settings = cluster.kind();
    this.kubeconfig = kubeconfig;
    this.versions = versions;
    this.ensuring = new EnsureCluster(cluster, kubeconfig, tool);
    Kubectl kubectl = new Kubectl(tool, kubeconfig, settings.checkTimeout());
    this.checking = new CheckCluster(cluster, kubectl);
    this.cleaning = new CleanCluster(cluster, kubectl, checking);
    this.attesting = new AttestCluster(cluster.name(), checking, clock);
  }

  /**
   * Where the next run can happen: the cluster is there, answers, and is clean. Asks the cluster
   * only if the last answer is older than the check interval.
   *
   * @param progress is told what is being done to the cluster, where that may take long
   */
  public RunPlace prepare(Consumer<String> progress)
      throws ClusterUnusableException, InterruptedException {
    RunPlace known = place;
    if (known != null && System.nanoTime() - placeNanos < settings.checkInterval().toNanos()) {
      return known;
    }
    place = null;
    versions.sayOnce(kubeconfig);
    ensureOrRecreate(progress);
    RunPlace checked = placeIn(cleanState(progress));
    place = checked;
    placeNanos = System.nanoTime();
    return checked;
  }

  /** A run has used the cluster: before the next it is checked, and if so set created anew. */
  public void used() {
    place = null;
    recreationDue |= settings.afterRun() == AfterRun.RECREATE;
  }

  private void ensureOrRecreate(Consumer<String> progress)
      throws ClusterUnusableException, InterruptedException {
    if (recreationDue) {
      ensuring.recreate(progress);
      recreationDue = false;
    } else {
      ensuring.ensure(progress);
    }
  }

  private ClusterState cleanState(Consumer<String> progress)
      throws ClusterUnusableException, InterruptedException {
    try {
      ClusterState state = checking.check();
      List<String> leftovers = checking.leftovers(state);
      return leftovers.isEmpty() ? state : clean(leftovers, progress);
    } catch (ToolFailedException e) {
      ensuring.lookAgain();
      throw checking.noAnswer(e);
    }
  }

  private ClusterState clean(List<String> leftovers, Consumer<String> progress)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    switch (settings.afterRun()) {
      case REUSE -> throw checking.notClean(leftovers);
      case RESET -> {
        progress.accept(
            "namespaces %s of Kind cluster '%s' are being deleted"
                .formatted(String.join(", ", leftovers), cluster.name()));
        return cleaning.delete(leftovers);
      }
      case RECREATE -> {
        recreationDue = true;
        ensureOrRecreate(progress);
        return checking.check();
      }
    }
    throw new IllegalStateException("after-run " + settings.afterRun());
  }

  private RunPlace placeIn(ClusterState state) {
    ObjectNode before = attesting.before(kubeconfig.context(), state, ensuring.nodeImage());
    return new RunPlace(cluster, kubeconfig.file(), () -> attesting.after(before));
  }
}
