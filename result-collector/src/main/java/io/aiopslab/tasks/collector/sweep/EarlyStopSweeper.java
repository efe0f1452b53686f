package io.aiopslab.tasks.collector.sweep;

import io.aiopslab.tasks.store.TaskCancels;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.task.TaskGroup;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Cancels what is left of groups that have as many usable samples as they want. The commands to the
 * workers are sent by task-api, which looks for cancels that are not answered.
 */
@Component
final class EarlyStopSweeper {
  private static final Logger log = LoggerFactory.getLogger(EarlyStopSweeper.class);
  private static final int MOST_GROUPS = 100;
  private static final String REASON = "enough samples of its group are usable (early_stop)";

  private final TaskGroups groups;
  private final TaskCancels cancels;
  private final TransactionOperations transaction;

  EarlyStopSweeper(TaskGroups groups, TaskCancels cancels, TransactionOperations transaction) {
    this.groups = groups;
    this.cancels = cancels;
    this.transaction = transaction;
  }

  /**
   * @return ids of the groups that it closed
   */
  List<UUID> runOnce() {
    return Objects.requireNonNull(
        transaction.execute(
            open -> {
              List<UUID> closed = groups.stop(MOST_GROUPS);
              closed.forEach(this::cancelTheRest);
              return closed;
            }));
  }

  private void cancelTheRest(UUID group) {
    TaskCancels.Many rest =
        cancels.cancel(
            TaskFilter.ofGroup(group), TaskGroup.MOST_SAMPLES, "collector:early-stop", REASON);
    if (rest.size() > 0) {
      log.info(
          "Group {} has enough usable samples: the other {} are cancelled", group, rest.size());
    }
  }
}
