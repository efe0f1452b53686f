package io.aiopslab.tasks.api.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Errors that never reached a controller, or come from outside of them. */
@Hidden
@RestController
class ErrorPage implements ErrorController {

  @RequestMapping("/error")
  ResponseEntity<Problem> error(HttpServletRequest request) {
    Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    Object path = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    HttpStatusCode status = HttpStatusCode.valueOf(code instanceof Integer known ? known : 404);
    Problem problem =
        Problem.of(
            status,
            Codes.code(status),
            Codes.advice(status),
            List.of(),
            path == null ? "" : path.toString());
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
    if (RetryLater.concerns(status)) {
      answer.header(HttpHeaders.RETRY_AFTER, RetryLater.SECONDS);
    }
    return answer.body(problem);
  }
}
