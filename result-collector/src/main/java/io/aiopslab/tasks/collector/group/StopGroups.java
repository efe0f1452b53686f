package io.aiopslab.tasks.collector.group;

import io.aiopslab.tasks.store.BulkCancels;
import io.aiopslab.tasks.store.TaskFilter;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.task.TaskGroup;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Cancels what is left of groups that have as many usable samples as they want: at once when this
 * collector has stored the last of them, and in a sweep otherwise. The commands to the workers are
 * sent by task-api, which looks for cancels that nobody has sent.
 */
@Component
public class StopGroups {
  private static final Logger log = LoggerFactory.getLogger(StopGroups.class);
  private static final int MOST_GROUPS = 100;
  private static final String REASON = "enough samples of its group are usable (early_stop)";

  private final TaskGroups groups;
  private final BulkCancels cancels;
  private final TransactionOperations transaction;

  StopGroups(TaskGroups groups, BulkCancels cancels, TransactionOperations transaction) {
    this.groups = groups;
    this.cancels = cancels;
    this.transaction = transaction;
  }

  /**
   * To be called when the ends of these tasks are committed: of collectors that end samples of one
   * group at the same time, the last one sees that they are enough. Never fails.
   */
  public void afterEndsOf(Collection<UUID> tasks) {
    try {
      stop(() -> groups.stopThoseOf(tasks));
    } catch (DataAccessException | TransactionException e) {
      log.debug("What is left of groups is cancelled by the sweep", e);
    }
  }

  /**
   * @return ids of the groups that it closed
   */
  public List<UUID> runOnce() {
    return stop(() -> groups.stop(MOST_GROUPS));
  }

  private List<UUID> stop(Supplier<List<UUID>> choice) {
    return Objects.requireNonNull(
        transaction.execute(
            open -> {
              List<UUID> closed = choice.get();
              closed.forEach(this::cancelTheRest);
              return closed;
            }));
  }

  private void cancelTheRest(UUID group) {
    List<UUID> open = cancels.open(TaskFilter.ofGroup(group), TaskGroup.MOST_SAMPLES);
    BulkCancels.Many rest = cancels.cancel(open, "collector:early-stop", REASON);
    if (rest.size() > 0) {
      log.info(
          "Group {} has enough usable samples: the other {} are cancelled", group, rest.size());
    }
  }
}
