package io.aiopslab.tasks.worker.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a slot treats its Kind cluster.
 *
 * @param managed whether the worker checks the cluster at all; true where the environment is {@code
 *     aiopslab}, unless set
 * @param create whether a cluster that is not there is created; also done where after-run is to
 *     create clusters anew
 * @param config Kind's own configuration file for that; Kind's default unless set
 * @param createTimeout how long a creation may take, until all nodes are ready
 * @param afterRun what happens to the cluster after each run
 * @param leftoverNamespaces namespaces that a clean cluster does not have; unless set, those of
 *     AIOpsLab's applications, of its Prometheus, and of the operators that it installs. Volumes
 *     that were claimed from them are leftovers too
 * @param leftoverStorageClasses storage classes that a clean cluster does not have, nor volumes of
 *     them; unless set, those of OpenEBS
 * @param leftoverApiGroups groups of custom resource definitions that a clean cluster does not have
 * @param checkInterval how old the last check of an idle cluster may be
 * @param checkTimeout how long one question to a cluster may take
 * @param resetTimeout how long the deletion of leftovers may take
 */
public record KindSettings(
    @Nullable Boolean managed,
    @DefaultValue("false") boolean create,
    @Nullable Path config,
    @DefaultValue("10m") Duration createTimeout,
    @DefaultValue("reset") AfterRun afterRun,
    @DefaultValue({
          "test-social-network",
          "test-hotel-reservation",
          "astronomy-shop",
          "train-ticket",
          "tidb-cluster",
          "tidb-admin",
          "openwhisk",
          "observe",
          "chaos-mesh",
          "openebs"
        })
        List<String> leftoverNamespaces,
    @DefaultValue({"openebs-hostpath", "openebs-device"}) List<String> leftoverStorageClasses,
    @DefaultValue({"openebs.io", "chaos-mesh.org", "pingcap.com"}) List<String> leftoverApiGroups,
    @DefaultValue("10s") Duration checkInterval,
    @DefaultValue("15s") Duration checkTimeout,
    @DefaultValue("5m") Duration resetTimeout) {

  public KindSettings {
    leftoverNamespaces = List.copyOf(leftoverNamespaces);
    leftoverStorageClasses = List.copyOf(leftoverStorageClasses);
    leftoverApiGroups = List.copyOf(leftoverApiGroups);
  }

  /** Whether the worker may make the cluster, and so make it anew. */
  public boolean mayCreate() {
    return create || afterRun == AfterRun.RECREATE;
  }

  /** What happens to a cluster after each run. */
  public enum AfterRun {
    /** It is checked, and used again if it is clean. */
    REUSE,
    /** Leftovers are deleted first. */
    RESET,
    /** It is deleted and created anew. */
    RECREATE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
