package io.aiopslab.tasks.worker.cluster;

import static io.aiopslab.tasks.worker.cluster.ClusterState.RUN_MARK;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code kubectl} asks and tells one cluster. */
final class Kubectl {
  private final RunTool tool;
  private final PrivateKubeconfig kubeconfig;
  private final Duration limit;

  /**
   * @param limit for each question
   */
  Kubectl(RunTool tool, PrivateKubeconfig kubeconfig, Duration limit) {
    this.tool = tool;
    this.kubeconfig = kubeconfig;
    this.limit = limit;
  }

  ClusterState look() throws ToolFailedException, ClusterUnusableException, InterruptedException {
    return ClusterState.parse(
        run("get", ClusterState.ASKED, "-o", "json"),
        run("get", "customresourcedefinitions", "-o", "name"));
  }

  /**
   * @param mark what the cluster remembers of the run that uses it; null to forget it
   */
  void markRun(@Nullable String mark)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    String annotation = mark == null ? RUN_MARK + "-" : RUN_MARK + "=" + mark;
    run("annotate", "namespace", "kube-system", annotation, "--overwrite");
  }

  /**
   * Starts their deletion.
   *
   * @param kind as kubectl calls it
   */
  void delete(String kind, List<String> names)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("delete", kind));
    arguments.addAll(names);
    arguments.addAll(List.of("--wait=false", "--ignore-not-found"));
    run(arguments.toArray(String[]::new));
  }

  private String run(String... arguments)
      throws ToolFailedException, ClusterUnusableException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--request-timeout=" + limit.toMillis() + "ms",
            "--kubeconfig",
            kubeconfig.file().toString(),
            "--context",
            kubeconfig.context(),
            // A cluster that is made anew at the same port is another one.
            "--cache-dir",
            kubeconfig.directory().resolve("cache").toString()));
    return tool.run(kubeconfig, limit, "kubectl", all);
  }
}
