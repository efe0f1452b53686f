package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.worker.settings.KindSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a cluster answered.
 *
 * @param namespaces of any phase: one that is still being deleted is there
 * @param resourceDefinitions names of custom ones
 * @param runMark null where no run has left its mark
 */
record ClusterState(
    List<Node> nodes,
    List<String> namespaces,
    List<Volume> volumes,
    List<String> storageClasses,
    List<String> resourceDefinitions,
    @Nullable String runMark) {
  /** On the namespace kube-system: which run has used the cluster and was not seen to recover. */
  static final String RUN_MARK = "aiopslab.io/run";

  static final String ASKED = "nodes,namespaces,persistentvolumes,storageclasses";

  private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
  private static final String MARKED_NAMESPACE = "kube-system";

  record Node(
      String name,
      boolean controlPlane,
      boolean ready,
      String kubeletVersion,
      String osImage,
      String containerRuntime) {}

  /**
   * @param claimedFrom the namespace of its claim, also after that is gone; empty without one
   * @param freedByProvisioner whether somebody else deletes it, and its data, after its claim
   */
  record Volume(String name, String claimedFrom, String storageClass, boolean freedByProvisioner) {}

  /**
   * @param json of {@code kubectl get} with {@link #ASKED} and {@code -o json}
   * @param definitions of {@code kubectl get customresourcedefinitions -o name}: their JSON has
   *     megabytes
   */
  static ClusterState parse(String json, String definitions) throws ToolFailedException {
    List<Node> nodes = new ArrayList<>();
    List<String> namespaces = new ArrayList<>();
    List<Volume> volumes = new ArrayList<>();
    List<String> storageClasses = new ArrayList<>();
    String mark = null;
    for (JsonNode item : items(json)) {
      switch (item.path("kind").asString("")) {
        case "Node" -> nodes.add(node(item));
        case "PersistentVolume" -> volumes.add(volume(item));
        case "StorageClass" -> storageClasses.add(name(item));
        case "Namespace" -> {
          namespaces.add(name(item));
          if (name(item).equals(MARKED_NAMESPACE)) {
            mark = item.path("metadata").path("annotations").path(RUN_MARK).asString("");
          }
        }
        default -> {} // not asked for
      }
    }
    return new ClusterState(
        List.copyOf(nodes),
        List.copyOf(namespaces),
        List.copyOf(volumes),
        List.copyOf(storageClasses),
        definitions.lines().map(line -> line.substring(line.indexOf('/') + 1).strip()).toList(),
        mark == null || mark.isEmpty() ? null : mark);
  }

  private static Volume volume(JsonNode item) {
    JsonNode spec = item.path("spec");
    return new Volume(
        name(item),
        spec.path("claimRef").path("namespace").asString(""),
        spec.path("storageClassName").asString(""),
        spec.path("persistentVolumeReclaimPolicy").asString("").equals("Delete"));
  }

  private static JsonNode items(String json) throws ToolFailedException {
    try {
      JsonNode items = Json.mapper().readTree(json).path("items");
      if (items.isArray()) {
        return items;
      }
    } catch (JacksonException e) {
      // said below
    }
    throw ToolFailedException.because("kubectl did not answer with a list of " + ASKED);
  }

  private static Node node(JsonNode item) {
    JsonNode info = item.path("status").path("nodeInfo");
    return new Node(
        name(item),
        item.path("metadata").path("labels").has(CONTROL_PLANE),
        isReady(item.path("status").path("conditions")),
        info.path("kubeletVersion").asString(""),
        info.path("osImage").asString(""),
        info.path("containerRuntimeVersion").asString(""));
  }

  private static boolean isReady(JsonNode conditions) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asString("").equals("Ready")) {
        return condition.path("status").asString("").equals("True");
      }
    }
    return false;
  }

  private static String name(JsonNode item) {
    return item.path("metadata").path("name").asString("");
  }

  List<String> notReady() {
    return nodes.stream().filter(node -> !node.ready()).map(Node::name).toList();
  }

  Leftovers leftovers(KindSettings unwanted) {
    return new Leftovers(
        namespaces.stream().filter(unwanted.leftoverNamespaces()::contains).toList(),
        volumes.stream()
            .filter(
                volume ->
                    unwanted.leftoverNamespaces().contains(volume.claimedFrom())
                        || unwanted.leftoverStorageClasses().contains(volume.storageClass()))
            .toList(),
        storageClasses.stream().filter(unwanted.leftoverStorageClasses()::contains).toList(),
        resourceDefinitions.stream()
            .filter(name -> unwanted.leftoverApiGroups().stream().anyMatch(isGroupOf(name)))
            .toList());
  }

  /** A definition is called {@code plural.group}, and operators have groups below their own. */
  private static Predicate<String> isGroupOf(String definition) {
    return group -> definition.endsWith("." + group);
  }

  /** The control plane's: a kubelet there is never of another version than Kind's API server. */
  String kubernetesVersion() {
    Optional<Node> first = nodes.stream().filter(Node::controlPlane).findFirst();
    return first.or(() -> nodes.stream().findFirst()).map(Node::kubeletVersion).orElse("");
  }
}
