package io.aiopslab.tasks.api.workers;

import com.fasterxml.jackson.annotation.JsonValue;
import io.aiopslab.tasks.task.FailureCode;
import java.util.Locale;

/** The failures that a worker can know of; the others are the service's own to say. */
enum ReportableFailure {
  TIMEOUT,
  WORKER_SHUTDOWN,
  UNKNOWN_PROBLEM,
  INVALID_AGENT_CONFIG,
  ENVIRONMENT_SETUP_FAILED,
  AGENT_ERROR,
  RUNNER_CRASHED,
  RUNNER_PROTOCOL_ERROR,
  IDLE_TIMEOUT,
  INTERNAL;

  @JsonValue
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  FailureCode code() {
    return FailureCode.valueOf(name());
  }
}
