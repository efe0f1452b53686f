package io.aiopslab.tasks.api.sessions;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.api.submit.SessionRequest;
import io.aiopslab.tasks.api.submit.SubmitSession;
import io.aiopslab.tasks.api.submit.SubmitSession.Submitted;
import io.aiopslab.tasks.api.web.WaitTime;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** POST of a session: the task is stored at once, the answer comes when it is open. */
@RestController
@Tag(name = "sessions")
class OpenSession {
  private static final String DEFAULT_WAIT = "2s";

  private final SubmitSession submit;
  private final FindSession sessions;
  private final WaitForOpening opening;

  OpenSession(SubmitSession submit, FindSession sessions, WaitForOpening opening) {
    this.submit = submit;
    this.sessions = sessions;
    this.opening = opening;
  }

  @Schema(name = "SubmittedSession")
  record SubmittedSession(
      @JsonUnwrapped SessionView session,
      @Schema(description = SubmitSession.WARNINGS_DESCRIPTION)
          @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<String> warnings) {}

  @Operation(
      summary = "Open an interactive session",
      description =
          "Takes any free cluster of the backend_type. The answer comes when the session can be"
              + " stepped, with the first observation, or when wait is over: the session is then"
              + " pending or being set up, and GET shows when it is open. A session is a task, and"
              + " everything that can be done with a task can be done with it.")
  @ApiResponse(
      responseCode = "201",
      description = "The session: open, or failed if it could not be set up",
      headers =
          @Header(
              name = "Location",
              description = "Where to look at the session",
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "200",
      description = "Likewise, for a repeat of the Idempotency-Key: the first session, as it is",
      headers = @Header(name = SubmitSession.REPLAYED_HEADER, schema = @Schema(type = "boolean")))
  @ApiResponse(
      responseCode = "202",
      description = "The session, pending or being set up",
      content = @Content(schema = @Schema(implementation = SubmittedSession.class)))
  @ApiResponse(
      responseCode = "409",
      description = "The Idempotency-Key was used for another submission")
  @PostMapping(
      path = "/api/v1/sessions",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  DeferredResult<ResponseEntity<SubmittedSession>> open(
      @Parameter(description = SubmitSession.KEY_DESCRIPTION)
          @RequestHeader(name = SubmitSession.KEY_HEADER, required = false)
          @Nullable String key,
      @RequestBody SessionRequest request) {
    Duration longest = WaitTime.parse(requireNonNullElse(request.waitTime(), DEFAULT_WAIT));
    Submitted submitted = submit.submit(key, request);
    UUID id = submitted.task().id();
    return opening.answer(id, longest, () -> answer(sessions.view(id), submitted));
  }

  private static ResponseEntity<SubmittedSession> answer(SessionView session, Submitted submitted) {
    HttpStatus status =
        switch (session.state()) {
          case PENDING, SETUP -> HttpStatus.ACCEPTED;
          case OPEN, STEPPING, CLOSING, COMPLETED, FAILED, CANCELLED ->
              submitted.replayed() ? HttpStatus.OK : HttpStatus.CREATED;
        };
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(status).location(URI.create("/api/v1/sessions/" + session.id()));
    if (submitted.replayed()) {
      answer.header(SubmitSession.REPLAYED_HEADER, "true");
    }
    return answer.body(new SubmittedSession(session, submitted.warnings()));
  }
}
