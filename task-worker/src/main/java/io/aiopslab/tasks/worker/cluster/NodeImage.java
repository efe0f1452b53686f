package io.aiopslab.tasks.worker.cluster;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks Docker which image a cluster was made from; nobody needs to have Docker. */
final class NodeImage {
  private NodeImage() {}

  static @Nullable String ask(
      RunTool tool, PrivateKubeconfig kubeconfig, String cluster, Duration limit)
      throws InterruptedException {
    List<String> inspect =
        List.of("inspect", "--format", "{{.Config.Image}}", cluster + "-control-plane");
    try {
      String image = tool.run(kubeconfig, limit, "docker", inspect).strip();
      return image.isEmpty() ? null : image;
    } catch (ToolFailedException | ClusterUnusableException e) {
      return null;
    }
  }
}
