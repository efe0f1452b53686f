package io.aiopslab.tasks.api.trajectories;

import io.aiopslab.tasks.store.TrajectoryParts.Tokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tokens of one step, as a runner or an HTTP worker reported them, and whether they make a
 * sample.
 *
 * @param unusable why they make none; null if they do
 * @param prompt null if the worker did not say
 * @param response null if they make no sample
 * @param logprobs of the response, at most 0; null if the worker gave none
 * @param versions of the policy, one for each token of the response; null if nobody said
 */
record SampleTokens(
    @Nullable String unusable,
    @Nullable JsonNode prompt,
    @Nullable JsonNode response,
    @Nullable List<Double> logprobs,
    @Nullable List<JsonNode> versions) {
  /** What vLLM puts for a lower log-probability, and for one that it does not have. */
  private static final double LOWEST_LOGPROB = -9999;

  private static final double ROUNDING = 1e-4;

  /**
   * @param version of all tokens, where the worker did not name each token's
   */
  static SampleTokens of(Tokens reported, @Nullable JsonNode version) {
    JsonNode prompt = member(reported.tokens(), "prompt_ids");
    JsonNode response = member(reported.tokens(), "response_ids");
    JsonNode leftOut = member(reported.tokens(), "left_out");
    if (leftOut != null && leftOut.isString()) {
      return unusable(leftOut.stringValue());
    }
    if (response == null) {
      return unusable("there are no response_ids");
    }
    if (!isArrayOf(response, SampleTokens::isId)) {
      return unusable("response_ids is no list of token ids");
    }
    if (response.isEmpty()) {
      return unusable("response_ids is empty");
    }
    if (prompt != null && !isArrayOf(prompt, SampleTokens::isId)) {
      return unusable("prompt_ids is no list of token ids");
    }
    String unusable = unusable(reported.logprobs(), response.size());
    if (unusable != null) {
      return unusable(unusable);
    }
    JsonNode each = member(reported.tokens(), "versions");
    List<JsonNode> versions = each == null ? null : byToken(each, response.size());
    if (each != null && versions == null) {
      return unusable("the versions do not fit the %d response_ids".formatted(response.size()));
    }
    if (versions == null && version != null) {
      versions = Collections.nCopies(response.size(), version);
    }
    return new SampleTokens(null, prompt, response, raised(reported.logprobs()), versions);
  }

  private static SampleTokens unusable(String reason) {
    return new SampleTokens(reason, null, null, null, null);
  }

  private static @Nullable String unusable(@Nullable JsonNode logprobs, int tokens) {
    if (logprobs == null) {
      return null;
    }
    if (!isArrayOf(logprobs, item -> item.isNull() || isFinite(item))) {
      return "the log-probabilities are no list of numbers";
    }
    for (JsonNode item : logprobs) {
      if (item.isNumber() && item.doubleValue() > ROUNDING) {
        return "a log-probability is above 0: " + item;
      }
    }
    return logprobs.size() == tokens
        ? null
        : "there are %d log-probabilities for %d response_ids".formatted(logprobs.size(), tokens);
  }

  private static @Nullable List<Double> raised(@Nullable JsonNode logprobs) {
    return logprobs == null
        ? null
        : logprobs
            .valueStream()
            .map(item -> item.isNull() ? LOWEST_LOGPROB : item.doubleValue())
            .map(value -> Math.min(Math.max(value, LOWEST_LOGPROB), 0))
            .toList();
  }

  /**
   * From one version for each token, or from spans that follow each other, as SGLang reports them.
   *
   * @return null if they do not fit
   */
  private static @Nullable List<JsonNode> byToken(JsonNode versions, int tokens) {
    List<JsonNode> each = new ArrayList<>();
    for (JsonNode item : versions) {
      JsonNode version = item.isObject() ? item.get("version") : item;
      int end = item.isObject() ? end(item, each.size(), tokens) : each.size() + 1;
      if (version == null || !isVersion(version) || end <= each.size()) {
        return null;
      }
      while (each.size() < end) {
        each.add(version);
      }
    }
    return versions.isArray() && each.size() == tokens ? each : null;
  }

  /** Of a span that begins where the last one ended; 0 if it does not. */
  private static int end(JsonNode span, int start, int tokens) {
    boolean follows = span.path("start").isInt() && span.path("start").intValue() == start;
    boolean within = span.path("end").isInt() && span.path("end").intValue() <= tokens;
    return follows && within ? span.path("end").intValue() : 0;
  }

  static boolean isVersion(JsonNode version) {
    return version.isString() || version.isNumber();
  }

  private static @Nullable JsonNode member(@Nullable JsonNode tokens, String name) {
    JsonNode member = tokens == null ? null : tokens.get(name);
    return member == null || member.isNull() ? null : member;
  }

  private static boolean isArrayOf(JsonNode list, Predicate<JsonNode> kind) {
    return list.isArray() && list.valueStream().allMatch(kind);
  }

  private static boolean isId(JsonNode item) {
    return item.isIntegralNumber() && item.canConvertToInt() && item.intValue() >= 0;
  }

  private static boolean isFinite(JsonNode item) {
    return item.isNumber() && Double.isFinite(item.doubleValue());
  }
}
