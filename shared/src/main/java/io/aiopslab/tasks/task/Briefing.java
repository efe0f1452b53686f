package io.aiopslab.tasks.task;

import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an agent is told before its first turn.
 *
 * @param actions documentation by name of action
 */
public record Briefing(String description, String instructions, ObjectNode actions) {

  public Briefing {
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(instructions, "instructions");
    Objects.requireNonNull(actions, "actions");
  }
}
