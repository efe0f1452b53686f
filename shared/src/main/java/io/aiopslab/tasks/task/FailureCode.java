package io.aiopslab.tasks.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a task failed, in a form that programs can rely on. */
public enum FailureCode {
  /** The run took longer than {@code timeout_minutes}. */
  TIMEOUT,
  /** The worker stopped sending heartbeats, or came back without the task. */
  WORKER_LOST,
  /** The worker was stopped and its grace period was over before the run was. */
  WORKER_SHUTDOWN,
  /** The environment has no problem of that id. */
  UNKNOWN_PROBLEM,
  /** {@code agent_config} has a key or a value that the agent cannot use. */
  INVALID_AGENT_CONFIG,
  /** The cluster, the application or the fault could not be brought up. */
  ENVIRONMENT_SETUP_FAILED,
  /** The agent raised an error or made an invalid submission. */
  AGENT_ERROR,
  /** The runner's process ended without saying how the run went. */
  RUNNER_CRASHED,
  /** The runner said something that the worker cannot understand. */
  RUNNER_PROTOCOL_ERROR,
  /** Nobody stepped an interactive session for too long. */
  IDLE_TIMEOUT,
  /** A cancel was asked for and the worker never answered. */
  CANCELLED_UNCONFIRMED,
  /** A defect of the service itself. */
  INTERNAL;

  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if {@code wire} names no failure code
   */
  public static FailureCode fromWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
