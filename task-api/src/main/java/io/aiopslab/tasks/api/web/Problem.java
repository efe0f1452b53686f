package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

/** An RFC 9457 problem with this service's own members. */
@Schema(description = "An error, as RFC 9457 has it, with members of this service's own.")
public record Problem(
    @Schema(example = "about:blank") String type,
    @Schema(description = "What the status means", example = "Bad Request") String title,
    @Schema(example = "400") int status,
    @Schema(description = "The same sentence as error") String detail,
    @Schema(description = "The path that was asked for", example = "/api/v1/tasks") String instance,
    @Schema(
            description = "One sentence that says what to do next",
            example = "Correct the fields named in details and send the request again.")
        String error,
    @Schema(description = "Stable, for programs", example = "invalid_task") String code,
    @Schema(description = "What is wrong with which field or parameter; may be empty")
        List<Detail> details,
    @Schema(
            nullable = true,
            description = "The answer's X-Request-Id, by which the operator finds it in the log",
            example = "0199d2b4-5c1e-7abc-8def-0123456789ab")
        @Nullable String requestId) {

  static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(HttpStatusCode status, String code, String error, List<Detail> details) {
    return of(status, code, error, details, "");
  }

  static Problem of(
      HttpStatusCode status, String code, String error, List<Detail> details, String path) {
    return new Problem(
        "about:blank",
        Codes.title(status),
        status.value(),
        error,
        path,
        error,
        code,
        details,
        RequestId.current());
  }

  /**
   * @param field path of the field in the body, or name of the parameter
   * @param rule which rule it breaks, for programs
   */
  @Schema(name = "ProblemDetail")
  public record Detail(
      @Schema(example = "max_steps") String field,
      @Schema(example = "range") String rule,
      @Schema(example = "must be between 1 and 1000") String message) {}
}
