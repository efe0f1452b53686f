package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.message.Json;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the worker attests about the cluster of a run: how it was before, and how it is after. */
final class AttestCluster {
  private static final Leftovers NONE = new Leftovers(List.of(), List.of(), List.of(), List.of());

  private final String cluster;
  private final CheckCluster checking;
  private final Clock clock;

  AttestCluster(String cluster, CheckCluster checking, Clock clock) {
    this.cluster = cluster;
    this.checking = checking;
    this.clock = clock;
  }

  /**
   * @param state of a cluster that has just been found clean
   */
  ObjectNode before(String context, ClusterState state, @Nullable String nodeImage) {
    ObjectNode facts =
        Json.mapper()
            .createObjectNode()
            .put("cluster", cluster)
            .put("context", context)
            .put("kubernetes_version", state.kubernetesVersion());
    ArrayNode nodes = facts.putArray("nodes");
    for (ClusterState.Node node : state.nodes()) {
      nodes
          .addObject()
          .put("name", node.name())
          .put("kubelet_version", node.kubeletVersion())
          .put("os_image", node.osImage())
          .put("container_runtime", node.containerRuntime());
    }
    return facts
        .put("node_image", nodeImage)
        .put("clean_before", true)
        .put("checked_at", clock.instant().toString());
  }

  /** Asks the cluster once more; one that does not answer is not known to be clean. */
  ObjectNode after(ObjectNode before) {
    try {
      return facts(before, true, checking.leftovers(checking.look()));
    } catch (ToolFailedException | ClusterUnusableException e) {
      return facts(before, false, NONE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return facts(before, false, NONE);
    }
  }

  private static ObjectNode facts(ObjectNode before, boolean answers, Leftovers leftovers) {
    ObjectNode facts =
        before
            .deepCopy()
            .put("clean_after", answers && leftovers.isEmpty())
            .put("cluster_answers", answers);
    leftovers.namespaces().forEach(facts.putArray("leftover_namespaces")::add);
    leftovers.volumeNames().forEach(facts.putArray("leftover_volumes")::add);
    leftovers.storageClasses().forEach(facts.putArray("leftover_storage_classes")::add);
    leftovers.resourceDefinitions().forEach(facts.putArray("leftover_definitions")::add);
    return facts;
  }
}
