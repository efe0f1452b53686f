package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code kind} does with one cluster. */
final class Kind {
  private static final Logger log = LoggerFactory.getLogger(Kind.class);
  private static final Duration UNDO_LIMIT = Duration.ofSeconds(10);
  private static final Duration DELETE_LIMIT = Duration.ofMinutes(2);

  private final RunTool tool;
  private final ClusterSettings cluster;
  private final PrivateKubeconfig kubeconfig;

  Kind(RunTool tool, ClusterSettings cluster, PrivateKubeconfig kubeconfig) {
    this.tool = tool;
    this.cluster = cluster;
    this.kubeconfig = kubeconfig;
  }

  boolean exists() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    return run(cluster.kind().checkTimeout(), "get", "clusters")
        .lines()
        .anyMatch(cluster.name()::equals);
  }

  void exportKubeconfig()
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    String yaml = run(cluster.kind().checkTimeout(), "get", "kubeconfig", "--name", cluster.name());
    try {
      kubeconfig.write(yaml);
    } catch (IOException e) {
      throw ToolFailedException.because(
          "its kubeconfig could not be written to the scratch directory: " + e);
    }
  }

  /** A creation that is broken off leaves nothing behind. */
  void create() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    Duration limit = cluster.kind().createTimeout();
    List<String> arguments =
        new ArrayList<>(
            List.of("create", "cluster", "--name", cluster.name(), "--kubeconfig", file()));
    arguments.addAll(List.of("--wait", limit.toSeconds() + "s"));
    Path config = cluster.kind().config();
    if (config != null) {
      arguments.addAll(List.of("--config", config.toAbsolutePath().toString()));
    }
    try {
      kubeconfig.delete();
      run(limit, arguments.toArray(String[]::new));
    } catch (IOException e) {
      throw ToolFailedException.because("an old kubeconfig could not be deleted: " + e);
    } catch (InterruptedException e) {
      undo();
      throw e;
    } catch (ToolFailedException e) {
      if (e.isTimeOut()) {
        undo();
      }
      throw e;
    }
  }

  private void undo() throws InterruptedException {
    try {
      delete(UNDO_LIMIT);
    } catch (ToolFailedException | ClusterUnusableException e) {
      log.warn(
          "Cluster {} is half created ({}); delete it with `kind delete cluster --name {}`",
          cluster.name(),
          e.getMessage(),
          cluster.name());
    }
  }

  void delete() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    delete(DELETE_LIMIT);
  }

  private void delete(Duration limit)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    run(limit, "delete", "cluster", "--name", cluster.name(), "--kubeconfig", file());
  }

  private String file() {
    return kubeconfig.file().toString();
  }

  private String run(Duration limit, String... arguments)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    return tool.run(kubeconfig, limit, "kind", List.of(arguments));
  }
}
