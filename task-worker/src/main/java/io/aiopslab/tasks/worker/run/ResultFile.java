package io.aiopslab.tasks.worker.run;

import io.aiopslab.tasks.message.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The JSON object that a command may leave behind to say what came out. */
final class ResultFile {
  private static final int MOST_BYTES = 4 * 1024 * 1024;
  private static final List<String> MEMBERS =
      List.of(
          "reward",
          "success",
          "reward_components",
          "results",
          "stop_reason",
          "steps",
          "metrics",
          "usage",
          "aiopslab_result");

  private ResultFile() {}

  /**
   * @param metrics numbers of the run and its token counts
   * @param aiopslabResult what AIOpsLab itself wrote of the run
   */
  record Content(
      RunnerMessage.Result result,
      Map<String, Double> metrics,
      @Nullable ObjectNode aiopslabResult) {}

  /** Where the command is told to put it. */
  static Path in(RunDirectory directory) {
    return directory.results().resolve("result.json");
  }

  /**
   * To be called when no process of the run is left. Without a file there is no reward.
   *
   * @throws MalformedMessageException naming the member that is wrong, and the rule
   */
  static Content read(RunDirectory directory, Clock clock) throws MalformedMessageException {
    Path file = in(directory);
    ObjectNode object =
        Files.exists(file, LinkOption.NOFOLLOW_LINKS)
            ? object(directory, file)
            : Json.mapper().createObjectNode();
    object.retain(MEMBERS);
    MessageFields fields = new MessageFields("the result file", object, clock);
    ObjectNode aiopslabResult = fields.objectOrNull("aiopslab_result");
    RunnerMessage.Result result = RunnerMessages.result(fields);
    Map<String, Double> metrics = new LinkedHashMap<>(fields.numbers("metrics"));
    metrics.putAll(result.metrics());
    return new Content(result, metrics, aiopslabResult);
  }

  private static ObjectNode object(RunDirectory directory, Path file)
      throws MalformedMessageException {
    ObjectNode object = RunnerMessages.object(text(directory, file));
    if (object == null) {
      throw malformed("it must hold one JSON object");
    }
    return object;
  }

  private static String text(RunDirectory directory, Path file) throws MalformedMessageException {
    try {
      if (!isOurs(directory, file)) {
        throw malformed("it must be a regular file in the run's own directory, and no link");
      }
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
          throw malformed("it must not be larger than " + MOST_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw malformed("it must be readable, but: " + e);
    }
  }

  /** Neither the file nor a directory above it may have become a link to something else. */
  private static boolean isOurs(RunDirectory directory, Path file) throws IOException {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && file.toRealPath().equals(in(new RunDirectory(directory.root().toRealPath())));
  }

  private static MalformedMessageException malformed(String rule) {
    return new MalformedMessageException("the result file is malformed: " + rule);
  }
}
