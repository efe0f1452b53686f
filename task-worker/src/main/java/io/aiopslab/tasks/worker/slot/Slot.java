package io.aiopslab.tasks.worker.slot;

import io.aiopslab.tasks.worker.settings.ClusterSettings;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one slot is busy with: written by its thread, read by heartbeat and health. */
public final class Slot {
  private final ClusterSettings cluster;
  private volatile State state = State.STARTING;
  private volatile @Nullable UUID currentTask;
  private volatile @Nullable String quarantine;
  private volatile boolean takenOver;
  private volatile boolean held;

  /** Where a slot stands. */
  public enum State {
    /** Waits for the database, the schema or its registration. */
    STARTING,
    /** Waits for a ticket or the poll interval. */
    IDLE,
    /** Runs a task. */
    BUSY,
    /** Its cluster cannot be used: it takes no work until it can. */
    QUARANTINED,
    /** An operator has paused it or lets it drain: it waits for nothing until it is resumed. */
    HELD,
    /** Another process has registered under its name: it takes no more work. */
    TAKEN_OVER,
    /** Takes no more work, as the worker stops. */
    STOPPED;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Slot(ClusterSettings cluster) {
    this.cluster = cluster;
  }

  public ClusterSettings cluster() {
    return cluster;
  }

  public State state() {
    return state;
  }

  public @Nullable UUID currentTask() {
    return currentTask;
  }

  /** Why it takes no work although it lives; null when it does. */
  public @Nullable String quarantine() {
    return quarantine;
  }

  void idle() {
    currentTask = null;
    quarantine = null;
    state = State.IDLE;
  }

  void busy(UUID taskId) {
    currentTask = taskId;
    state = State.BUSY;
  }

  /**
   * @param reason what is wrong with the cluster, and what to do
   */
  void quarantine(String reason) {
    currentTask = null;
    quarantine = reason;
    state = State.QUARANTINED;
  }

  /** Follows an operator's word; to be called while it runs nothing. */
  void rest(boolean resting) {
    if (resting) {
      state = State.HELD;
    } else if (state == State.HELD) {
      state = quarantine == null ? State.IDLE : State.QUARANTINED;
    }
  }

  void ended() {
    currentTask = null;
    state = takenOver ? State.TAKEN_OVER : State.STOPPED;
  }

  /**
   * @param held whether an operator has paused it or lets it drain: it ends the run it has, and
   *     takes no other until it is released
   */
  public void hold(boolean held) {
    this.held = held;
  }

  public boolean isHeld() {
    return held;
  }

  /** Lets it end the run it has, and take no other. */
  public void takeOver() {
    takenOver = true;
  }

  public boolean isTakenOver() {
    return takenOver;
  }
}
