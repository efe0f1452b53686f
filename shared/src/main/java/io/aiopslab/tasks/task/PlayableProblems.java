package io.aiopslab.tasks.task;

import java.util.List;

/**
 * What the live workers of a backend can play.
 *
 * @param takesAll whether one of them names no problems, because it takes every one
 * @param ids those that the others name
 */
public record PlayableProblems(String backendType, boolean takesAll, List<String> ids) {
  public boolean canPlay(String problemId) {
    return takesAll || ids.contains(problemId);
  }
}
