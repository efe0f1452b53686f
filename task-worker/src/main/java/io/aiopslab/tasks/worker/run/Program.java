package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.worker.report.RunReport;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is started for a run, and who listens to it. Nothing that a trainer submitted is part of the
 * command: it comes as JSON on standard input, or in variables.
 */
interface Program {
  /** Names of the environments that it is started for. */
  Set<String> environments();

  /** With its supervisor. */
  List<String> command(ClusterSettings cluster) throws IOException;

  /** Beyond those that every run gets. */
  Map<String, String> variables(ClusterSettings cluster, RunRequest request, RunDirectory directory)
      throws IOException;

  /**
   * @param conversation with whoever acts in an interactive session; null in any other run
   * @param onLastWord called at most once, as soon as the process has said how the run went
   */
  Talk listen(RunReport report, @Nullable Conversation conversation, Consumer<LastWord> onLastWord);
}
