package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.body.StrictJson;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** From a body to a session that can be opened, or to everything that is wrong with it. */
@Component
class ReadSession {
  private final ReadSubmission submissions;

  ReadSession(ReadSubmission submissions) {
    this.submissions = submissions;
  }

  /**
   * @throws io.aiopslab.tasks.api.problem.Refusal naming every field that is wrong
   */
  SessionRequest read(byte[] body) {
    Violations violations = new Violations();
    ObjectNode json = StrictJson.OF_TASK.read(body);
    new StorableRule(violations).check("", json);
    SessionRequest request = bind(new BodyFields(json, violations, "a session"));
    submissions.validate(request, violations);
    violations.refuseIfAny("invalid_session", "open the session again");
    return request;
  }

  private static SessionRequest bind(BodyFields fields) {
    SessionRequest request =
        new SessionRequest(
            fields.text("problem_id"),
            fields.integer("max_steps"),
            fields.integer("timeout_minutes"),
            fields.integer("idle_timeout_seconds"),
            fields.object("metadata"),
            fields.integer("priority"),
            fields.text("backend_type"),
            fields.text("queue"),
            fields.longInteger("seed"),
            fields.text("wait"));
    fields.refuseOthers();
    return request;
  }
}
