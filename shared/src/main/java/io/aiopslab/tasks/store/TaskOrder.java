package io.aiopslab.tasks.store;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** The orders of a listing. Ids are in order of submission; they also settle ties. */
public enum TaskOrder {
  OLDEST_FIRST("created_at", "t.id", "t.id > :lastId"),
  NEWEST_FIRST("-created_at", "t.id DESC", "t.id < :lastId"),
  LEAST_URGENT_FIRST(
      "priority", "t.priority, t.id", "(t.priority, t.id) > (:lastPriority, :lastId)"),
  MOST_URGENT_FIRST(
      "-priority", "t.priority DESC, t.id DESC", "(t.priority, t.id) < (:lastPriority, :lastId)");

  private final String wire;
  private final String orderBy;
  private final String behindLast;

  TaskOrder(String wire, String orderBy, String behindLast) {
    this.wire = wire;
    this.orderBy = orderBy;
    this.behindLast = behindLast;
  }

  @JsonValue
  public String wire() {
    return wire;
  }

  String orderBy() {
    return orderBy;
  }

  /** The condition for what comes after a task that has been seen. */
  String behindLast() {
    return behindLast;
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no order
   */
  public static TaskOrder fromWire(String wire) {
    return Arrays.stream(values())
        .filter(order -> order.wire.equals(wire))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("not an order: " + wire));
  }

  @Override
  public String toString() {
    return wire;
  }
}
