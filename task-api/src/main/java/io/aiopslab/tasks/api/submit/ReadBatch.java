package io.aiopslab.tasks.api.submit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aiopslab.tasks.api.body.JsonPath;
import io.aiopslab.tasks.api.body.StrictJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From a body to many requests that are fit to be stored, or to everything that is wrong. */
@Component
class ReadBatch {
  static final int MOST_TASKS = 1000;

  private static final int MOST_VIOLATIONS = 1000;

  private final ReadSubmission submissions;

  ReadBatch(ReadSubmission submissions) {
    this.submissions = submissions;
  }

  /**
   * @throws io.aiopslab.tasks.api.problem.Refusal naming every field that is wrong, such as {@code
   *     tasks[3].max_steps}
   */
  BatchRequest read(byte[] body) {
    ObjectNode json = StrictJson.OF_BATCH.read(body);
    Violations violations = new Violations(MOST_VIOLATIONS);
    List<SubmitRequest> requests = new ArrayList<>();
    JsonNode tasks = tasks(json, violations);
    if (tasks != null) {
      boolean measure = body.length > ReadSubmission.LARGEST_TASK;
      for (int i = 0; i < tasks.size(); i++) {
        readItem(tasks.get(i), violations.within(JsonPath.item("tasks", i)), measure, requests);
      }
    }
    violations.refuseIfAny("invalid_batch", "submit the batch again, of which nothing is stored");
    return new BatchRequest(requests);
  }

  private static @Nullable JsonNode tasks(ObjectNode json, Violations violations) {
    for (String name : json.propertyNames()) {
      if (!name.equals("tasks")) {
        violations.add(JsonPath.member("", name), "unknown", "is not a field of a batch; tasks is");
      }
    }
    JsonNode tasks = json.get("tasks");
    if (tasks == null || !tasks.isArray()) {
      violations.add("tasks", "required", "must be an array of 1 to 1000 tasks");
      return null;
    }
    if (tasks.isEmpty() || tasks.size() > MOST_TASKS) {
      violations.add("tasks", "length", "must have 1 to 1000 tasks, not " + tasks.size());
      return null;
    }
    return tasks;
  }

  private void readItem(
      JsonNode item, Violations violations, boolean measure, List<SubmitRequest> requests) {
    if (!(item instanceof ObjectNode task)) {
      violations.add("", "type", "must be an object");
    } else if (measure && task.toString().getBytes(UTF_8).length > ReadSubmission.LARGEST_TASK) {
      violations.add("", "length", "must have at most 256 KiB");
    } else {
      requests.add(submissions.read(task, violations));
    }
  }
}
