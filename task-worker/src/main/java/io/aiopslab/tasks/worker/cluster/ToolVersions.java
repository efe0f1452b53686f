package io.aiopslab.tasks.worker.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says once which tools there are, for whoever has to compare hosts. */
@Component
final class ToolVersions {
  private static final Logger log = LoggerFactory.getLogger(ToolVersions.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final RunTool tool;
  private final AtomicBoolean said = new AtomicBoolean();

  ToolVersions(RunTool tool) {
    this.tool = tool;
  }

  void sayOnce(PrivateKubeconfig kubeconfig) throws InterruptedException {
    if (said.compareAndSet(false, true)) {
      log.info("kind: {}", ask(kubeconfig, "kind", "version"));
      log.info("kubectl: {}", ask(kubeconfig, "kubectl", "version", "--client"));
    }
  }

  private String ask(PrivateKubeconfig kubeconfig, String name, String... arguments)
      throws InterruptedException {
    try {
      String version = tool.run(kubeconfig, LIMIT, name, List.of(arguments));
      return version.strip().replaceAll("\\s*\\R\\s*", ", ");
    } catch (ToolFailedException | ClusterUnusableException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
