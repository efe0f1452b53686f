package io.aiopslab.tasks.worker.cluster;

import java.util.ArrayList;
import java.util.List;

/**
 * What a clean cluster does not have.
 *
 * @param volumes those claimed from leftover namespaces, or of a leftover storage class: their
 *     deletion is nobody else's, and one that is only released keeps the next claim waiting
 * @param resourceDefinitions custom ones, of the operators that AIOpsLab installs
 */
record Leftovers(
    List<String> namespaces,
    List<ClusterState.Volume> volumes,
    List<String> storageClasses,
    List<String> resourceDefinitions) {

  boolean isEmpty() {
    return namespaces.isEmpty()
        && volumes.isEmpty()
        && storageClasses.isEmpty()
        && resourceDefinitions.isEmpty();
  }

  List<String> volumeNames() {
    return volumes.stream().map(ClusterState.Volume::name).toList();
  }

  /** For a sentence. */
  String words() {
    List<String> parts = new ArrayList<>();
    add(parts, "namespaces", namespaces);
    add(parts, "persistent volumes", volumeNames());
    add(parts, "storage classes", storageClasses);
    add(parts, "custom resource definitions", resourceDefinitions);
    return String.join("; ", parts);
  }

  private static void add(List<String> parts, String what, List<String> names) {
    if (!names.isEmpty()) {
      parts.add(what + " " + String.join(", ", names));
    }
  }
}
