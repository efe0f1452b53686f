package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.problem.Problem;
import io.aiopslab.tasks.api.problem.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Everything that is wrong with a submission, so that all of it can be told at once. */
final class Violations {
  /** A body of nothing but mistakes must not make an answer larger than itself. */
  private static final int MOST = 100;

  private final List<Problem.Detail> details = new ArrayList<>();
  private final Set<String> fields = new HashSet<>();

  void add(String field, String rule, String message) {
    fields.add(field);
    if (details.size() < MOST) {
      details.add(new Problem.Detail(field, rule, message));
    }
  }

  boolean concern(String field) {
    return fields.contains(field);
  }

  List<Problem.Detail> details() {
    return List.copyOf(details);
  }

  void refuseIfAny() {
    if (!details.isEmpty()) {
      Problem.Detail first = details.get(0);
      throw Refusal.badRequest(
          "invalid_task",
          "Correct the fields named in details and submit the task again: %s %s%s"
              .formatted(first.field(), first.message(), details.size() > 1 ? ", and more." : "."),
          details);
    }
  }
}
