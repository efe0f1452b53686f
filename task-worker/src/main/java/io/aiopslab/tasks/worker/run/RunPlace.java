package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a run happens; made before the claim, which is not kept waiting.
 *
 * @param kubeconfig for this cluster alone; null where the worker manages none
 * @param attestation looks at the cluster after the run, within a bound, and tells how it was
 *     before and how it is; gives null where nobody can
 */
public record RunPlace(
    ClusterSettings cluster,
    @Nullable Path kubeconfig,
    Supplier<@Nullable ObjectNode> attestation) {

  /** Nothing to prepare and nothing to look at. */
  public static RunPlace unmanaged(ClusterSettings cluster) {
    return new RunPlace(cluster, null, () -> null);
  }
}
