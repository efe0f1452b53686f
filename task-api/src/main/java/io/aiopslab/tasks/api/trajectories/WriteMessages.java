package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.store.TrajectoryParts;
import io.aiopslab.tasks.task.Briefing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The member {@code messages}: what was said, in OpenAI's chat form. */
final class WriteMessages {
  private final TrajectoryParts parts;
  private final UUID taskId;
  private final ClientPace pace;
  private final Map<Integer, Integer> places = new HashMap<>();
  private int written;

  WriteMessages(TrajectoryParts parts, UUID taskId, ClientPace pace) {
    this.parts = parts;
    this.taskId = taskId;
    this.pace = pace;
  }

  void write(JsonGenerator out, @Nullable Briefing briefing) throws IOException {
    out.writeArrayPropertyStart("messages");
    if (briefing != null) {
      message(out, "system", problemAndActions(briefing));
      if (!briefing.instructions().isBlank()) {
        message(out, "user", briefing.instructions());
      }
    }
    List<TrajectoryParts.Content> piece = parts.contents(taskId, -1);
    while (!piece.isEmpty()) {
      for (TrajectoryParts.Content content : piece) {
        places.put(content.index(), written);
        message(out, content.role().equals("env") ? "user" : content.role(), content.content());
        pace.check();
      }
      piece = parts.contents(taskId, piece.get(piece.size() - 1).index());
    }
    out.writeEndArray();
  }

  /** Null for one that has arrived only since. */
  @Nullable Integer placeOf(int index) {
    return places.get(index);
  }

  private void message(JsonGenerator out, String role, String content) {
    out.writeStartObject();
    out.writeStringProperty("role", role);
    out.writeStringProperty("content", content);
    out.writeEndObject();
    written++;
  }

  /** Without actions it is what the agent told its model, to the letter. */
  private static String problemAndActions(Briefing briefing) {
    if (briefing.actions().isEmpty()) {
      return briefing.description();
    }
    StringBuilder text = new StringBuilder(briefing.description().strip());
    text.append("\n\nThe actions:");
    briefing
        .actions()
        .properties()
        .forEach(
            action -> {
              String documentation =
                  action.getValue().isString()
                      ? action.getValue().stringValue()
                      : action.getValue().toString();
              text.append("\n\n")
                  .append(action.getKey())
                  .append('\n')
                  .append(documentation.strip());
            });
    return text.toString();
  }
}
