package io.aiopslab.tasks.api.sessions;

import static java.util.Objects.requireNonNullElse;

import io.aiopslab.tasks.api.sessions.TakeStep.Outcome;
import io.aiopslab.tasks.api.web.WaitTime;
import io.aiopslab.tasks.store.SessionActions.Order;
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
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** One action of a session, and its answer, now or later. */
@RestController
@Tag(name = "sessions")
class StepSession {
  private static final String OVER =
      "The session ended before it could answer; code is its failure_code, or session_cancelled";

  private final TakeStep steps;
  private final AskForAnswer worker;

  StepSession(TakeStep steps, AskForAnswer worker) {
    this.steps = steps;
    this.worker = worker;
  }

  @Operation(
      summary = "Act in a session",
      description =
          "Does one action and answers with what the environment said. Sending the same index and"
              + " action again gives the same answer, and nothing is done twice. The action that ends"
              + " the session (a submission, or the last of max_steps) is answered with done, and the"
              + " reward, once the run is graded and its cluster is clean.")
  @ApiResponse(
      responseCode = "200",
      description = "The answer",
      content = @Content(schema = @Schema(implementation = StepView.class)))
  @ApiResponse(
      responseCode = "202",
      description = "The environment is still at it: GET the step, or send it again",
      content = @Content(schema = @Schema(implementation = StepView.class)))
  @ApiResponse(
      responseCode = "409",
      description =
          "index_used, step_out_of_order, step_unanswered, session_not_open, or session_done")
  @ApiResponse(responseCode = "410", description = OVER)
  @PostMapping(
      path = "/api/v1/sessions/{id}/steps",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  Object step(@PathVariable("id") UUID id, @RequestBody StepRequest request) {
    Duration longest =
        WaitTime.parse(requireNonNullElse(request.timeout(), StepRequest.DEFAULT_TIMEOUT));
    int index = request.index();
    return answer(id, index, steps.take(id, index, request.action()), longest);
  }

  @Operation(
      summary = "Look at a step, or wait for its answer",
      description = "What POST of the same step would answer; it has to have been sent before.")
  @ApiResponse(
      responseCode = "200",
      description = "The answer",
      content = @Content(schema = @Schema(implementation = StepView.class)))
  @ApiResponse(
      responseCode = "202",
      description = "The environment is still at it",
      content = @Content(schema = @Schema(implementation = StepView.class)))
  @ApiResponse(responseCode = "410", description = OVER)
  @GetMapping(
      path = "/api/v1/sessions/{id}/steps/{index}",
      produces = MediaType.APPLICATION_JSON_VALUE)
  Object look(
      @PathVariable("id") UUID id,
      @PathVariable("index") @Range(min = 0, max = 999, message = "must be between 0 and 999")
          int index,
      @Parameter(description = "500ms, 30s, 1m; at most 60s", example = "30s")
          @RequestParam(name = "wait", required = false)
          @Nullable String wait) {
    Duration longest = WaitTime.parse(wait);
    return answer(id, index, steps.find(id, index), longest);
  }

  private Object answer(UUID id, int index, Outcome outcome, Duration longest) {
    Order order = outcome.order();
    return order == null
        ? answer(outcome.view())
        : worker.ask(order, longest, () -> answer(steps.find(id, index).view()));
  }

  private static ResponseEntity<StepView> answer(StepView step) {
    return ResponseEntity.status(step.answered() ? HttpStatus.OK : HttpStatus.ACCEPTED).body(step);
  }
}
