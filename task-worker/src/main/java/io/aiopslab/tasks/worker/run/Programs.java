package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Every program, by the names of its environments. */
@Component
final class Programs {
  private final Map<String, Program> byEnvironment = new HashMap<>();

  Programs(List<Program> all) {
    for (Program program : all) {
      program.environments().forEach(name -> byEnvironment.put(name, program));
    }
  }

  Program of(ClusterSettings cluster) {
    Program program = byEnvironment.get(cluster.environment());
    if (program == null) {
      throw new IllegalStateException("no program runs environment " + cluster.environment());
    }
    return program;
  }
}
