package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.run.Aftermath;
import io.aiopslab.tasks.worker.run.RunPlace;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.KindSettings;
import io.aiopslab.tasks.worker.settings.KindSettings.AfterRun;
import java.time.Clock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Keeps the Kind cluster of one slot fit for the next run; used by the slot's thread alone. */
public final class ClusterKeeper {
  private static final Logger log = LoggerFactory.getLogger(ClusterKeeper.class);

  private final ClusterSettings cluster;
  private final KindSettings settings;
  private final PrivateKubeconfig kubeconfig;
  private final ToolVersions versions;
  private final EnsureCluster ensuring;
  private final Kubectl kubectl;
  private final CheckCluster checking;
  private final CleanCluster cleaning;
  private final AttestCluster attesting;
  private boolean recreationDue;
  private String run = "";
  private @Nullable String doubt;
  private boolean recovered;
  private boolean markDue;
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
    this.kubectl = new Kubectl(tool, kubeconfig, settings.checkTimeout());
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

  /**
   * A run is about to use the cluster. The cluster itself remembers that, so that a worker that
   * dies meanwhile leaves none that looks clean.
   *
   * @param run which one, for people
   */
  public void entering(String run) throws InterruptedException {
    this.run = run;
    recovered = false;
    doubt = null;
    markDue = true;
    try {
      kubectl.markRun(run);
      markDue = false;
    } catch (ToolFailedException | ClusterUnusableException e) {
      log.warn("Cluster {} could not be marked as used: {}", cluster.name(), e.getMessage());
    }
  }

  /**
   * A run has used the cluster: before the next it is checked, and if so set, or if its fault was
   * not seen to go, created anew.
   */
  public void used(Aftermath aftermath) {
    place = null;
    String why = aftermath.unrecovered();
    if (why == null && !aftermath.cleaned() && settings.afterRun() == AfterRun.REUSE) {
      why = "its clean-up was not seen to come to its end";
    }
    doubt = why;
    recovered = why == null;
    recreationDue |= settings.afterRun() == AfterRun.RECREATE;
    if (why != null && settings.mayCreate()) {
      log.info("Cluster {} is made anew before its next run: {}", cluster.name(), why);
      recreationDue = true;
    }
  }

  private void ensureOrRecreate(Consumer<String> progress)
      throws ClusterUnusableException, InterruptedException {
    if (recreationDue) {
      ensuring.recreate(progress);
      recreationDue = false;
      markDue = false;
    } else {
      ensuring.ensure(progress);
    }
  }

  private ClusterState cleanState(Consumer<String> progress)
      throws ClusterUnusableException, InterruptedException {
    try {
      ClusterState state = trusted(checking.check(), progress);
      Leftovers leftovers = checking.leftovers(state);
      return leftovers.isEmpty() ? state : clean(state, leftovers, progress);
    } catch (ToolFailedException e) {
      ensuring.lookAgain();
      throw checking.noAnswer(e);
    }
  }

  /** The mark of a run whose fault was seen to go is removed; with any other nothing runs here. */
  private ClusterState trusted(ClusterState state, Consumer<String> progress)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    if (markDue && doubt != null) {
      kubectl.markRun(run);
      markDue = false;
      return trusted(checking.check(), progress);
    }
    String mark = state.runMark();
    if (mark == null) {
      return state;
    }
    boolean own = mark.equals(run);
    if (own && recovered) {
      kubectl.markRun(null);
      return state;
    }
    if (!settings.mayCreate()) {
      throw checking.notRecovered(
          own && doubt != null ? run + ": " + doubt : mark + " was on it when its worker ended");
    }
    recreationDue = true;
    ensureOrRecreate(progress);
    return checking.check();
  }

  private ClusterState clean(ClusterState state, Leftovers leftovers, Consumer<String> progress)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    switch (settings.afterRun()) {
      case REUSE -> throw checking.notClean(leftovers);
      case RESET -> {
        progress.accept(
            "%s of Kind cluster '%s' are being deleted"
                .formatted(leftovers.words(), cluster.name()));
        return cleaning.delete(state);
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
