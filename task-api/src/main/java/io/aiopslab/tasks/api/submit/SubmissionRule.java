package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.web.BodyRule;
import io.aiopslab.tasks.api.web.Violations;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** A task holds no secret, and calls nobody back whom the collector may not call. */
@Component
final class SubmissionRule implements BodyRule<SubmitRequest> {
  private final CallbackPlaces callbacks;

  SubmissionRule(CallbackPlaces callbacks) {
    this.callbacks = callbacks;
  }

  @Override
  public Class<SubmitRequest> type() {
    return SubmitRequest.class;
  }

  @Override
  public void check(SubmitRequest task, ObjectNode json, int bytes, Violations violations) {
    check(task, violations);
  }

  void check(SubmitRequest task, Violations violations) {
    if (task.agentConfig() != null) {
      new SecretRule(violations).check("agent_config", task.agentConfig());
    }
    if (task.callbackUrl() != null && !violations.concern("callback_url")) {
      callbacks.check("callback_url", task.callbackUrl(), violations);
    }
  }
}
