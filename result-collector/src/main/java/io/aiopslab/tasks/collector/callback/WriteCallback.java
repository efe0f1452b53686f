package io.aiopslab.tasks.collector.callback;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskQueries;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.view.TaskSummary;
import io.aiopslab.tasks.view.TaskView;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a callback: the task as {@code GET /tasks/{id}} shows it, without logs and without
 * the callback itself, so that every try says the same.
 */
@Component
class WriteCallback {
  /** As the REST API writes: members that are null are there. */
  private static final JsonMapper JSON =
      Json.mapper()
          .rebuild()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.ALWAYS))
          .build();

  /** What may be large, the most dispensable first. What is left has a bounded size. */
  private static final List<String> DISPENSABLE =
      List.of(
          "/result/output",
          "/result/attestation",
          "/result/metrics",
          "/result/reward_components",
          "/metadata",
          "/parameters/agent_config",
          "/error_details",
          "/result/stop_reason",
          "/result/environment");

  private final TaskQueries tasks;
  private final TaskResults results;
  private final long largest;

  WriteCallback(TaskQueries tasks, TaskResults results, CallbackSettings settings) {
    this.tasks = tasks;
    this.results = results;
    this.largest = settings.maxBody().toBytes();
  }

  byte[] body(UUID taskId) {
    Task task =
        tasks
            .find(taskId)
            .orElseThrow(() -> new IllegalStateException("There is no task " + taskId));
    ObjectNode body = JSON.createObjectNode();
    body.put("type", "task." + task.status().wire());
    body.set("timestamp", JSON.valueToTree(task.completedAt()));
    body.set("data", JSON.valueToTree(view(task)));
    return fitting(body);
  }

  private TaskView view(Task task) {
    return new TaskView(
        TaskSummary.of(task), null, results.find(task.id()).orElse(null), null, null, null);
  }

  private byte[] fitting(ObjectNode body) {
    byte[] bytes = JSON.writeValueAsBytes(body);
    for (String path : DISPENSABLE) {
      if (bytes.length <= largest) {
        return bytes;
      }
      if (leaveOut(body.get("data"), JsonPointer.compile(path))) {
        body.withArray("left_out").add("data" + path.replace('/', '.'));
        bytes = JSON.writeValueAsBytes(body);
      }
    }
    return bytes;
  }

  private static boolean leaveOut(JsonNode data, JsonPointer path) {
    return data.at(path.head()) instanceof ObjectNode parent
        && parent.remove(path.last().getMatchingProperty()) != null;
  }
}
