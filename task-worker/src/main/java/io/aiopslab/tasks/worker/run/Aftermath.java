package io.aiopslab.tasks.worker.run;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run may have left in its cluster, by what was seen of it.
 *
 * @param unrecovered half a sentence why its fault may still be there; null if it was seen to go,
 *     or if there was none
 * @param cleaned whether the run's own clean-up was seen to come to its end
 */
public record Aftermath(@Nullable String unrecovered, boolean cleaned) {
  static final Aftermath NONE = new Aftermath(null, true);

  /** Of a run of which nobody knows how it ended. */
  public static final Aftermath UNKNOWN =
      new Aftermath("its run was broken off, and nobody saw it recover its fault", false);

  /**
   * @param facts what the runner attests; null if it was ended before it could
   */
  static Aftermath of(@Nullable ObjectNode facts) {
    if (facts == null) {
      return UNKNOWN;
    }
    boolean cleaned = facts.path("cleanup_finished").asBoolean(false);
    JsonNode recovered = facts.path("fault_recovered");
    boolean noFault = recovered.isNull() || facts.path("simulated").asBoolean(false);
    if (noFault || recovered.asBoolean(false)) {
      return new Aftermath(null, cleaned);
    }
    String error = facts.path("recovery_error").asString("");
    String why =
        error.isEmpty()
            ? "its fault was not seen to be recovered"
            : "its fault was not recovered: " + error;
    return new Aftermath(why, cleaned);
  }
}
