package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** Gives each run a directory of its own, and takes it away. */
@Component
final class RunDirectories {
  private static final String DOCKER = "docker";
  private static final ClassPathResource GUARD = new ClassPathResource("run/" + DOCKER);

  private final ScratchDirectories scratches;
  private final RunUser user;

  RunDirectories(ScratchDirectories scratches, RunUser user) {
    this.scratches = scratches;
    this.user = user;
  }

  /**
   * @param kubeconfig the file whose only context is the slot's cluster; null where it has none
   */
  RunDirectory create(ClusterSettings cluster, @Nullable Path kubeconfig) throws IOException {
    Path root = scratches.create("run");
    try {
      RunDirectory directory = RunDirectory.in(root);
      if (kubeconfig != null) {
        directory.takeKubeconfig(kubeconfig);
      }
      if (cluster.managesKind()) {
        try (InputStream guard = GUARD.getInputStream()) {
          directory.putFirst(DOCKER, guard);
        }
      }
      user.give(root);
      return directory;
    } catch (IOException e) {
      ScratchDirectories.delete(root);
      throw e;
    }
  }

  void delete(RunDirectory directory) {
    ScratchDirectories.delete(directory.root());
  }
}
