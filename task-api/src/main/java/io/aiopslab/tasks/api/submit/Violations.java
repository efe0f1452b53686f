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

  private final int most;
  private final String place;
  private final List<Problem.Detail> details;
  private final Set<String> fields = new HashSet<>();

  Violations() {
    this(MOST);
  }

  /**
   * @param most how many are told at most
   */
  Violations(int most) {
    this(most, "", new ArrayList<>());
  }

  private Violations(int most, String place, List<Problem.Detail> details) {
    this.most = most;
    this.place = place;
    this.details = details;
  }

  /** Those of one item, named with its place in the body, and told together with all others. */
  Violations within(String item) {
    return new Violations(most, item, details);
  }

  /**
   * @param field empty for the item itself
   */
  void add(String field, String rule, String message) {
    fields.add(field);
    if (details.size() < most) {
      boolean nested = !place.isEmpty() && !field.isEmpty();
      details.add(new Problem.Detail(nested ? place + "." + field : place + field, rule, message));
    }
  }

  boolean concern(String field) {
    return fields.contains(field);
  }

  List<Problem.Detail> details() {
    return List.copyOf(details);
  }

  /**
   * @param then what to do once the fields are corrected
   */
  void refuseIfAny(String code, String then) {
    if (!details.isEmpty()) {
      Problem.Detail first = details.get(0);
      throw Refusal.badRequest(
          code,
          "Correct the fields named in details and %s: %s %s%s"
              .formatted(
                  then, first.field(), first.message(), details.size() > 1 ? ", and more." : "."),
          details);
    }
  }
}
