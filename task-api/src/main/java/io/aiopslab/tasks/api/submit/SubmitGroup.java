package io.aiopslab.tasks.api.submit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.aiopslab.tasks.api.tasks.GroupView;
import io.aiopslab.tasks.api.tasks.ReadGroups;
import io.aiopslab.tasks.api.tasks.WarnOfUnplayable;
import io.aiopslab.tasks.api.web.Problem;
import io.aiopslab.tasks.store.TaskGroups;
import io.aiopslab.tasks.store.TaskSubmissions;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TraceParent;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** POST of one task that is to be sampled several times. */
@RestController
@Tag(name = "groups")
class SubmitGroup {
  private final TaskGroups groups;
  private final TaskSubmissions submissions;
  private final TransactionOperations transaction;
  private final AcceptTasks accept;
  private final ReadGroups read;
  private final WarnOfUnplayable warnings;

  SubmitGroup(
      TaskGroups groups,
      TaskSubmissions submissions,
      TransactionOperations transaction,
      AcceptTasks accept,
      ReadGroups read,
      WarnOfUnplayable warnings) {
    this.groups = groups;
    this.submissions = submissions;
    this.transaction = transaction;
    this.accept = accept;
    this.read = read;
    this.warnings = warnings;
  }

  @Schema(name = "SubmittedGroup")
  record Submitted(
      @JsonUnwrapped GroupView group,
      @Schema(description = SubmittedTask.WARNINGS) @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<String> warnings) {}

  @Operation(
      summary = "Submit a group: one task, several samples",
      description =
          "Stores all samples or none. Each is a task like any other, with group_id and"
              + " sample_index. From agent_config.seed each sample gets a sampling seed of its own,"
              + " always the same for the same index; agent_config.environment_seed, the world's, is"
              + " the same for all, and the submitted seed if left out. With early_stop the others are cancelled once so many are usable,"
              + " within a sweep interval of the collector. The body has at most 256 KiB, and all samples"
              + " together 8 MiB.")
  @ApiResponse(
      responseCode = "201",
      description = "The group, its samples pending",
      headers =
          @Header(
              name = "Location",
              description = "Where to look at the group",
              schema = @Schema(type = "string")))
  @ApiResponse(
      responseCode = "200",
      description = "A repeat of the Idempotency-Key: the first group, as it is now",
      headers = @Header(name = AnswerTask.REPLAYED, schema = @Schema(type = "boolean")))
  @ApiResponse(
      responseCode = "409",
      description = "The Idempotency-Key was used for another submission",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
              schema = @Schema(implementation = Problem.class)))
  @PostMapping(
      path = "/api/v1/groups",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Submitted> submit(
      @Parameter(description = Once.DESCRIPTION)
          @RequestHeader(name = Once.HEADER, required = false)
          @Nullable String key,
      @RequestBody GroupRequest request) {
    AcceptTasks.Accepted accepted =
        accept.accept(
            Once.of(key, "group", request),
            request.samples(),
            (ids, trace) -> store(ids, request, trace));
    Task.Sample first = Objects.requireNonNull(accepted.tasks().get(0).sample());
    URI location = URI.create("/api/v1/groups/" + first.groupId());
    ResponseEntity.BodyBuilder response =
        accepted.replayed()
            ? ResponseEntity.ok().location(location).header(AnswerTask.REPLAYED, "true")
            : ResponseEntity.created(location);
    return response.body(
        new Submitted(
            read.view(first.groupId()),
            accepted.replayed() ? null : warnings.of(request.task().toSpec())));
  }

  private List<Task> store(List<UUID> ids, GroupRequest request, @Nullable TraceParent trace) {
    UUID group = TaskSubmissions.nextId();
    SampleSeeds seeds = SampleSeeds.of(request.task().toSpec(), request.samples());
    return Objects.requireNonNull(
        transaction.execute(
            open -> {
              groups.create(group, request.samples(), request.earlyStop());
              return submissions.submitSamples(group, ids, seeds.spec(), seeds.each(), trace);
            }));
  }
}
