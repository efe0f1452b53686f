package io.aiopslab.tasks.api.web;

import java.util.List;
import org.springframework.http.HttpStatus;

/** A request that the service understands well enough to say why it will not serve it. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final HttpStatus status;
  private final String code;
  private final transient List<Problem.Detail> details;

  private Refusal(HttpStatus status, String code, String error, List<Problem.Detail> details) {
    super(error, null, false, false);
    this.status = status;
    this.code = code;
    this.details = List.copyOf(details);
  }

  public static Refusal badRequest(String code, String error, List<Problem.Detail> details) {
    return new Refusal(HttpStatus.BAD_REQUEST, code, error, details);
  }

  public static Refusal badRequest(String code, String error) {
    return badRequest(code, error, List.of());
  }

  public static Refusal badParameter(String name, String rule, String message) {
    return badRequest(
        "invalid_parameter",
        "Correct the parameter named in details: %s %s.".formatted(name, message),
        List.of(new Problem.Detail(name, rule, message)));
  }

  public static Refusal tooLarge(String error) {
    return new Refusal(HttpStatus.CONTENT_TOO_LARGE, "body_too_large", error, List.of());
  }

  public static Refusal notFound(String code, String error) {
    return new Refusal(HttpStatus.NOT_FOUND, code, error, List.of());
  }

  public static Refusal conflict(String code, String error) {
    return of(HttpStatus.CONFLICT, code, error);
  }

  /** Answered with Retry-After. */
  public static Refusal unavailable(String code, String error) {
    return of(HttpStatus.SERVICE_UNAVAILABLE, code, error);
  }

  public static Refusal of(HttpStatus status, String code, String error) {
    return of(status, code, error, List.of());
  }

  public static Refusal of(
      HttpStatus status, String code, String error, List<Problem.Detail> details) {
    return new Refusal(status, code, error, details);
  }

  public List<Problem.Detail> details() {
    return details;
  }

  HttpStatus status() {
    return status;
  }

  Problem problem(String path) {
    return Problem.of(status, code, String.valueOf(getMessage()), details, path);
  }
}
