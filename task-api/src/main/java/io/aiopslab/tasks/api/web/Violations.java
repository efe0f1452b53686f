package io.aiopslab.tasks.api.web;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Everything that is wrong with a body, so that all of it can be told at once. */
public final class Violations {
  private final int most;
  private final String place;
  private final List<Problem.Detail> details;
  private final Set<String> fields;

  /**
   * @param most how many are told: a body of nothing but mistakes must not make an answer larger
   *     than itself
   */
  public Violations(int most) {
    this(most, "", new ArrayList<>(), new HashSet<>());
  }

  private Violations(int most, String place, List<Problem.Detail> details, Set<String> fields) {
    this.most = most;
    this.place = place;
    this.details = details;
    this.fields = fields;
  }

  /** Those of one part, named with its place in the body, and told together with all others. */
  public Violations within(String part) {
    return new Violations(most, at(part), details, fields);
  }

  /**
   * @param field empty for the part itself
   */
  public void add(String field, String rule, String message) {
    String whole = at(field);
    fields.add(whole);
    if (details.size() < most) {
      details.add(new Problem.Detail(whole.isEmpty() ? "(body)" : whole, rule, message));
    }
  }

  /** Likewise, unless something is wrong with that field already, or with what it is in. */
  void addFirst(String field, String rule, String message) {
    String whole = at(field);
    boolean told = fields.contains(whole);
    for (int i = 0; i < whole.length() && !told; i++) {
      told = ".[".indexOf(whole.charAt(i)) >= 0 && fields.contains(whole.substring(0, i));
    }
    if (!told) {
      add(field, rule, message);
    }
  }

  public boolean concern(String field) {
    return fields.contains(at(field));
  }

  private String at(String field) {
    boolean nested = !place.isEmpty() && !field.isEmpty();
    return nested ? place + "." + field : place + field;
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
