package io.aiopslab.tasks.api.web;

import tools.jackson.databind.node.ObjectNode;

/** What a body has to fulfil that no annotation says. */
public interface BodyRule<T> {
  Class<T> type();

  /**
   * @param body as far as it could be read: what is wrong is null
   * @param json what it was read from
   * @param bytes how long that was
   */
  void check(T body, ObjectNode json, int bytes, Violations violations);
}
