package io.aiopslab.tasks.api.web;

import static java.util.stream.Collectors.joining;

import io.aiopslab.tasks.store.SqlState;
import io.aiopslab.tasks.store.TooSlowException;
import java.util.List;
import java.util.Set;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Every exception of a request as a {@link Problem}. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  /**
   * SQLSTATE classes: connection, transaction state, rollback, resources, object state, operator
   * intervention, system error, internal error.
   */
  private static final Set<String> OF_THE_SERVER =
      Set.of("08", "25", "40", "53", "55", "57", "58", "XX");

  @ExceptionHandler
  @Nullable ResponseEntity<Object> refused(Refusal refusal, WebRequest request) {
    return answer(refusal.problem(path(request)), new HttpHeaders(), refusal.status());
  }

  @ExceptionHandler
  @Nullable ResponseEntity<Object> unreadable(InvalidParameterException e, WebRequest request) {
    return refused(
        Refusal.badRequest(
            "invalid_parameter",
            "Write each parameter as name=value, percent-encoded, with & between them."),
        request);
  }

  @ExceptionHandler({
    NonTransientDataAccessResourceException.class,
    TransientDataAccessException.class,
    RecoverableDataAccessException.class,
    TransactionException.class
  })
  @Nullable ResponseEntity<Object> databaseUnavailable(Exception e, WebRequest request) {
    log.warn(
        "The database does not answer: {}",
        NestedExceptionUtils.getMostSpecificCause(e).getMessage());
    Problem problem =
        Problem.of(
            HttpStatus.SERVICE_UNAVAILABLE,
            "database_unavailable",
            "The database does not answer; send the request again after the seconds in"
                + " Retry-After.",
            List.of(),
            path(request));
    return answer(problem, new HttpHeaders(), HttpStatus.SERVICE_UNAVAILABLE);
  }

  /** What Spring has no name for: a session that the server ended, a row that was held too long. */
  @ExceptionHandler
  @Nullable ResponseEntity<Object> databaseFailed(DataAccessException e, WebRequest request) {
    String state = SqlState.of(e);
    return state != null && OF_THE_SERVER.contains(state.substring(0, 2))
        ? databaseUnavailable(e, request)
        : failed(e, request);
  }

  /** Not 503: the same question will take as long the next time. */
  @ExceptionHandler
  @Nullable ResponseEntity<Object> tooSlow(TooSlowException e, WebRequest request) {
    return refused(
        Refusal.of(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "query_too_slow",
            "Too many tasks would have to be looked at: narrow it down by the parameters in"
                + " details, or by another filter.",
            List.of(
                new Problem.Detail("created_after", "narrow", "give one, or a later one"),
                new Problem.Detail("created_before", "narrow", "give one, or an earlier one"))),
        request);
  }

  @ExceptionHandler
  @Nullable ResponseEntity<Object> failed(Exception e, WebRequest request) {
    log.error("Request to {} failed", path(request), e);
    return handleExceptionInternal(
        e, null, new HttpHeaders(), HttpStatus.INTERNAL_SERVER_ERROR, request);
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleTypeMismatch(
      TypeMismatchException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
    if (e instanceof MethodArgumentTypeMismatchException mismatch) {
      return refused(
          Refusal.badParameter(
              mismatch.getName(), "format", ParameterFormats.expected(mismatch.getParameter())),
          request);
    }
    return handleExceptionInternal(e, null, headers, status, request);
  }

  /** Bodies are read by converters that say what is wrong themselves; this one is not there. */
  @Override
  protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
      HttpMessageNotReadableException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return refused(
        Refusal.badRequest("empty_body", "Send a JSON object as the body, as /docs describes it."),
        request);
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleHttpMediaTypeNotAcceptable(
      HttpMediaTypeNotAcceptableException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    String types =
        e.getSupportedMediaTypes().stream()
            .map(type -> type.getType() + "/" + type.getSubtype())
            .distinct()
            .sorted()
            .collect(joining(" or "));
    if (types.isEmpty()) {
      return handleExceptionInternal(e, null, headers, status, request);
    }
    return refused(
        Refusal.of(
            HttpStatus.NOT_ACCEPTABLE,
            "not_acceptable",
            "Accept %s: this call answers with nothing else.".formatted(types)),
        request);
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
      HandlerMethodValidationException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    List<Problem.Detail> details = ParameterFormats.violations(e);
    return refused(
        Refusal.badRequest(
            "invalid_parameter",
            details.stream()
                .map(detail -> detail.field() + " " + detail.message())
                .collect(joining("; ", "Correct the parameters named in details: ", ".")),
            details),
        request);
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception e,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    if (request instanceof ServletWebRequest servlet
        && servlet.getResponse() != null
        && servlet.getResponse().isCommitted()) {
      return null;
    }
    Problem problem =
        Problem.of(status, Codes.code(status), Codes.advice(status), List.of(), path(request));
    return answer(problem, headers, status);
  }

  private static ResponseEntity<Object> answer(
      Problem problem, HttpHeaders headers, HttpStatusCode status) {
    HttpHeaders all = new HttpHeaders();
    all.addAll(headers);
    if (RetryLater.concerns(status) && !all.containsHeader(HttpHeaders.RETRY_AFTER)) {
      all.set(HttpHeaders.RETRY_AFTER, RetryLater.SECONDS);
    }
    return ResponseEntity.status(status)
        .headers(all)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  private static String path(WebRequest request) {
    return request instanceof ServletWebRequest servlet ? servlet.getRequest().getRequestURI() : "";
  }
}
