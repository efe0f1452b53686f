package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.message.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a cluster answered.
 *
 * @param namespaces of any phase: one that is still being deleted is there
 */
record ClusterState(List<Node> nodes, List<String> namespaces) {
  private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

  record Node(
      String name,
      boolean controlPlane,
      boolean ready,
      String kubeletVersion,
      String osImage,
      String containerRuntime) {}

  /**
   * @param json of {@code kubectl get nodes,namespaces -o json}
   */
  static ClusterState parse(String json) throws ToolFailedException {
    List<Node> nodes = new ArrayList<>();
    List<String> namespaces = new ArrayList<>();
    for (JsonNode item : items(json)) {
      switch (item.path("kind").asString("")) {
        case "Node" -> nodes.add(node(item));
        case "Namespace" -> namespaces.add(name(item));
        default -> {} // not asked for
      }
    }
    return new ClusterState(List.copyOf(nodes), List.copyOf(namespaces));
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
    throw ToolFailedException.because("kubectl did not answer with a list of nodes and namespaces");
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

  List<String> leftovers(Collection<String> unwanted) {
    return namespaces.stream().filter(unwanted::contains).toList();
  }

  /** The control plane's: a kubelet there is never of another version than Kind's API server. */
  String kubernetesVersion() {
    Optional<Node> first = nodes.stream().filter(Node::controlPlane).findFirst();
    return first.or(() -> nodes.stream().findFirst()).map(Node::kubeletVersion).orElse("");
  }
}
