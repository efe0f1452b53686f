package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.message.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.ObjectWriter;

/** JSON straight into an answer, without its being in memory. */
final class JsonOutput {
  private static final ObjectWriter JSON =
      Json.mapper().writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET);

  private JsonOutput() {}

  /**
   * Half a surrogate pair, which JSON can escape and UTF-8 cannot hold, becomes a question mark.
   */
  static Writer begin(HttpServletResponse response, String mediaType, ClientPace pace)
      throws IOException {
    response.setContentType(mediaType);
    response.setHeader("Cache-Control", "no-store");
    return new OutputStreamWriter(pace.to(response.getOutputStream()), StandardCharsets.UTF_8);
  }

  /** Leaves {@code out} open. */
  static JsonGenerator generator(Writer out) {
    return JSON.createGenerator(out);
  }
}
