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
 *     AIOpsLab's metadata without those that its own clean-up leaves ({@code observe}, {@code
 *     chaos-mesh})
 * @param checkInterval how old the last check of an idle cluster may be
 * @param checkTimeout how long one question to a cluster may take
 * @param resetTimeout how long the deletion of leftover namespaces may take
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
          "openwhisk",
          "openebs"
        })
        List<String> leftoverNamespaces,
    @DefaultValue("10s") Duration checkInterval,
    @DefaultValue("15s") Duration checkTimeout,
    @DefaultValue("5m") Duration resetTimeout) {

  public KindSettings {
    leftoverNamespaces = List.copyOf(leftoverNamespaces);
  }

  /** What happens to a cluster after each run. */
  public enum AfterRun {
    /** It is checked, and used again if it is clean. */
    REUSE,
    /** Leftover namespaces are deleted first. */
    RESET,
    /** It is deleted and created anew. */
    RECREATE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
