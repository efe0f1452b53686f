package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.store.TrajectoryFeed.Page;
import io.aiopslab.tasks.store.TrajectoryFeed.Place;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;

/** A page of the feed, as one JSON object or as lines. */
@Component
class WritePage {
  private final WriteTrajectory trajectory;

  WritePage(WriteTrajectory trajectory) {
    this.trajectory = trajectory;
  }

  void asObject(Page page, HttpServletResponse response, ClientPace pace) throws IOException {
    Writer out = JsonOutput.begin(response, MediaType.APPLICATION_JSON_VALUE, pace);
    JsonGenerator json = JsonOutput.generator(out);
    json.writeStartObject();
    json.writeArrayPropertyStart("trajectories");
    for (Place place : page.places()) {
      trajectory.write(place.taskId(), place.position(), json, pace);
    }
    json.writeEndArray();
    json.writeStringProperty("next", FeedCursor.behind(page.next()));
    json.writeEndObject();
    json.flush();
    out.flush();
  }

  /** A trajectory a line, and a last one with {@code next} alone: without it, the answer broke. */
  void asLines(Page page, HttpServletResponse response, ClientPace pace) throws IOException {
    Writer out = JsonOutput.begin(response, ReadFeed.LINES, pace);
    for (Place place : page.places()) {
      JsonGenerator json = JsonOutput.generator(out);
      trajectory.write(place.taskId(), place.position(), json, pace);
      json.close();
      out.write('\n');
    }
    JsonGenerator json = JsonOutput.generator(out);
    json.writeStartObject();
    json.writeStringProperty("next", FeedCursor.behind(page.next()));
    json.writeEndObject();
    json.close();
    out.write('\n');
    out.flush();
  }
}
