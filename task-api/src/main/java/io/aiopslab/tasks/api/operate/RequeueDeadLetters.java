package io.aiopslab.tasks.api.operate;

import io.aiopslab.tasks.api.web.Refusal;
import io.aiopslab.tasks.store.DeadLetterRequeues;
import io.aiopslab.tasks.store.DeadLetters.Letter;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Writes down that letters are to be sent again; the relay sends them. */
@RestController
@Tag(name = "dead letters")
class RequeueDeadLetters {
  private static final Logger log = LoggerFactory.getLogger(RequeueDeadLetters.class);
  private static final int MOST = 1000;

  private final FindDeadLetter letters;
  private final DeadLetterRequeues requeues;
  private final LetterRelay relay;

  RequeueDeadLetters(FindDeadLetter letters, DeadLetterRequeues requeues, LetterRelay relay) {
    this.letters = letters;
    this.requeues = requeues;
    this.relay = relay;
  }

  @Schema(name = "RequeuedDeadLetters")
  record Asked(
      @Schema(description = "Letters that will be sent again", example = "12") int asked,
      @Schema(
              description = "There are more of them than one call takes: send it again",
              example = "false")
          boolean more) {}

  @Operation(
      summary = "Send a dead letter again",
      description =
          "As it came, as soon as the broker takes it. What was stored before is not stored twice,"
              + " and what still cannot be is counted at the same letter, which is then returned."
              + " Safe to repeat: a letter that is asked for, or was sent and has not come back, is"
              + " left as it is, unless again is true.")
  @ApiResponse(responseCode = "202", description = "The letter, as it stands now")
  @ApiResponse(
      responseCode = "409",
      description =
          "dead_letter_not_requeueable: it came past the exchange of events, or its names could not"
              + " be kept to the letter")
  @PostMapping(
      path = "/api/v1/dead-letters/{id}/requeue",
      produces = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  DeadLetterView requeue(
      @Parameter(example = DeadLetterView.EXAMPLE_ID) @PathVariable("id") String id,
      @RequestBody(required = false) @Nullable RequeueOne body) {
    Letter letter = letters.find(id);
    if (!letter.fit()) {
      throw Refusal.conflict("dead_letter_not_requeueable", whyNot(letter));
    }
    RequeueOne asked = Objects.requireNonNullElse(body, RequeueOne.PLAIN);
    if (requeues.ask(id, asked.by(), Boolean.TRUE.equals(asked.again()))) {
      log.info("Dead letter {} is to be sent again on the word of {}", id, name(asked.by()));
      relay.wake();
    }
    return DeadLetterView.of(letters.find(id));
  }

  @Operation(
      summary = "Send all dead letters of a filter again",
      description =
          "Those that are kept or have returned, and can be sent as they came; at least one"
              + " condition has to be given. Takes up to 1,000 letters a call, oldest first. Safe to"
              + " repeat.")
  @ApiResponse(responseCode = "202", description = "How many it concerned")
  @PostMapping(
      path = "/api/v1/dead-letters/requeue",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  Asked requeue(@RequestBody RequeueMany body) {
    int asked = requeues.ask(body.toFilter(), body.by(), MOST);
    if (asked > 0) {
      log.info("{} dead letters are to be sent again on the word of {}", asked, name(body.by()));
      relay.wake();
    }
    return new Asked(asked, asked == MOST);
  }

  private static String whyNot(Letter letter) {
    return letter.routingKey().startsWith("task")
        ? "A name of it could not be kept to the letter, so it cannot be sent as it came. Read it in table dead_letters, and have its sender send it again."
        : "It did not come by the way of events, and by that it would not come back to the collector. Read it in table dead_letters, and find out who has sent it.";
  }

  private static String name(@Nullable String by) {
    return by == null ? "somebody" : by;
  }
}
