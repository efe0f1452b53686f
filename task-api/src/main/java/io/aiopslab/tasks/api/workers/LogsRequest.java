package io.aiopslab.tasks.api.workers;

import io.aiopslab.tasks.api.web.StrictBody;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.LogLevel;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Lines of a run's log that follow each other. */
@StrictBody
@Schema(name = "ReportLogs")
record LogsRequest(
    @NotNull(message = "is required") UUID sessionId,
    @Schema(
            description =
                "Position of the first line in the run's log: 0 for the first call, then as many"
                    + " lines as were sent. A repeat has the same",
            example = "0")
        @NotNull(message = "is required")
        @Range(min = 0, max = 1_000_000_000_000L, message = "must be from 0 to 10^12")
        Long firstSeq,
    @NotNull(message = "is required")
        @Size(min = 1, max = 500, message = "must have 1 to 500 lines")
        List<@NotNull(message = "must not be null") @Valid Line> lines) {

  @Schema(name = "ReportedLine")
  record Line(
      @Schema(description = "When it was written; left out, now") @Nullable Instant timestamp,
      @Schema(description = "The earlier name of timestamp", deprecated = true)
          @Nullable Instant ts,
      @Schema(
              description =
                  "info if left out. Understood in any case, and in words of Python, syslog and Java:"
                      + " WARN, critical, fatal, SEVERE")
          @Nullable LogLevel level,
      @Schema(example = "fault injected") @NotNull(message = "is required") String message,
      @Schema(description = "Structured details") @Nullable ObjectNode context) {

    Instant at(Instant now) {
      return Objects.requireNonNullElse(timestamp, Objects.requireNonNullElse(ts, now));
    }
  }

  Logged toEvent(Instant now) {
    return new Logged(
        firstSeq,
        lines.stream()
            .map(
                line ->
                    new Logged.Line(
                        line.at(now),
                        Objects.requireNonNullElse(line.level(), LogLevel.INFO),
                        line.message(),
                        line.context()))
            .toList());
  }
}
