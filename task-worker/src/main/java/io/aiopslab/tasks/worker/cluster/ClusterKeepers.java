package io.aiopslab.tasks.worker.cluster;

import io.aiopslab.tasks.worker.run.ScratchDirectories;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import org.springframework.stereotype.Component;

/** Makes a keeper for each cluster that the worker manages. */
@Component
public class ClusterKeepers {
  private final RunTool tool;
  private final ToolVersions versions;
  private final ScratchDirectories scratch;
  private final Clock clock;

  ClusterKeepers(RunTool tool, ToolVersions versions, ScratchDirectories scratch, Clock clock) {
    this.tool = tool;
    this.versions = versions;
    this.scratch = scratch;
    this.clock = clock;
  }

  public ClusterKeeper keeper(ClusterSettings cluster) {
    try {
      return new ClusterKeeper(
          cluster,
          new PrivateKubeconfig(scratch.create("kind"), "kind-" + cluster.name()),
          tool,
          versions,
          clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
