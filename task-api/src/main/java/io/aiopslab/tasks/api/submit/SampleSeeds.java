package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.task.TaskSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The seeds of a group: with one sampling seed for all, every sample would say the same. Each gets
 * its own, made from the submitted one and its index, so that the same submission always gives the
 * same seeds; the world stays the same for all.
 *
 * @param spec of every sample, but for {@code agent_config.seed}
 * @param each in order of the index; null if the submission has no seed
 */
record SampleSeeds(TaskSpec spec, @Nullable List<Long> each) {
  static final String WORLD = "environment_seed";

  static SampleSeeds of(TaskSpec submitted, int samples) {
    JsonNode given = submitted.agentConfig().get("seed");
    if (given == null || !given.isIntegralNumber() || !given.canConvertToLong()) {
      return new SampleSeeds(submitted, null);
    }
    long seed = given.longValue();
    ObjectNode config = submitted.agentConfig().deepCopy();
    if (!config.hasNonNull(WORLD)) {
      config.put(WORLD, seed);
    }
    return new SampleSeeds(
        submitted.with(config),
        IntStream.range(0, samples).mapToObj(index -> derived(seed, index)).toList());
  }

  /** From 0 to 2^53 - 1, which every reader of JSON can hold; mixed as in SplitMix64. */
  static long derived(long seed, int index) {
    return mixed(mixed(seed) + (index + 1) * 0x9E3779B97F4A7C15L) >>> 11;
  }

  private static long mixed(long z) {
    long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long x = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
