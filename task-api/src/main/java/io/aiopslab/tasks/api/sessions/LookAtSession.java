package io.aiopslab.tasks.api.sessions;

import io.aiopslab.tasks.api.tasks.AskForEnd;
import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.store.Sessions.Known;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** GET and DELETE of one session. */
@RestController
@Tag(name = "sessions")
class LookAtSession {
  private final FindSession sessions;
  private final WaitForOpening opening;
  private final AskForEnd askForEnd;

  LookAtSession(FindSession sessions, WaitForOpening opening, AskForEnd askForEnd) {
    this.sessions = sessions;
    this.opening = opening;
    this.askForEnd = askForEnd;
  }

  @Operation(
      summary = "Look at a session, or wait until it is open",
      description =
          "With wait the answer comes as soon as the session can be stepped or has ended, or when"
              + " the time is over: look at state to know which.")
  @ApiResponse(
      responseCode = "200",
      description = "The session as it is now",
      content = @Content(schema = @Schema(implementation = SessionView.class)))
  @GetMapping(path = "/api/v1/sessions/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  Object look(
      @PathVariable("id") UUID id,
      @Parameter(description = "Only steps behind this index; -1 for the beginning")
          @RequestParam(name = "after", defaultValue = "-1")
          @Range(min = -1, max = 999, message = "must be between -1 and 999")
          int after,
      @RequestParam(name = "limit", defaultValue = "" + FindSession.STEPS)
          @Range(min = 1, max = 100, message = "must be between 1 and 100")
          int limit,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "30s")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait) {
    Duration longest = WaitTime.parse(wait);
    Known session = sessions.find(id);
    boolean settled = session.task().status().isTerminal() || session.briefing() != null;
    if (settled || longest.isZero()) {
      return sessions.view(id, after, limit);
    }
    return opening.answer(id, longest, () -> sessions.view(id, after, limit));
  }

  @Operation(
      summary = "End a session",
      description =
          "Takes the fault back and frees the cluster; the session becomes cancelled within the"
              + " grace period of its cluster. One that has ended already stays as it is.")
  @ApiResponse(responseCode = "200", description = "The session: ended, or closing")
  @DeleteMapping(path = "/api/v1/sessions/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
  SessionView end(@PathVariable("id") UUID id) {
    if (!sessions.find(id).task().status().isTerminal()) {
      askForEnd.unlessEnded(id, "the trainer has ended the session");
    }
    return sessions.view(id);
  }
}
