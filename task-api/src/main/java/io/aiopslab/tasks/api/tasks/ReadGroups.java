package io.aiopslab.tasks.api.tasks;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.task.TaskGroup;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** A group by its id, or the problem that there is none. */
@Component
public class ReadGroups {
  private final TaskGroups groups;

  ReadGroups(TaskGroups groups) {
    this.groups = groups;
  }

  /**
   * @throws Refusal if there is no such group
   */
  public GroupView view(UUID id) {
    return GroupView.of(find(id));
  }

  TaskGroup find(UUID id) {
    return groups
        .find(id)
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "group_not_found",
                    "There is no group %s; POST /api/v1/groups answers with the id of a new one."
                        .formatted(id)));
  }
}
