package io.aiopslab.tasks.api.web;

import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;

/** Code and advice for problems that only their status is known of. */
final class Codes {
  private Codes() {}

  static String title(HttpStatusCode status) {
    HttpStatus known = HttpStatus.resolve(status.value());
    return known == null ? "Error" : known.getReasonPhrase();
  }

  static String code(HttpStatusCode status) {
    return switch (status.value()) {
      case 400 -> "bad_request";
      case 404 -> "not_found";
      case 405 -> "method_not_allowed";
      case 406 -> "not_acceptable";
      case 409 -> "conflict";
      case 413 -> "body_too_large";
      case 414 -> "uri_too_long";
      case 415 -> "unsupported_media_type";
      case 431 -> "headers_too_large";
      case 503 -> "unavailable";
      default -> status.is5xxServerError() ? "internal" : "bad_request";
    };
  }

  static String advice(HttpStatusCode status) {
    return switch (status.value()) {
      case 404 -> "There is nothing at this path; see /docs for the paths that exist.";
      case 405 -> "This path does not take this method; the Allow header names those it takes.";
      case 406 -> "Accept application/json, or what /docs names for this call.";
      case 409 -> "Look at what is there now and decide again.";
      case 413 -> "Send a smaller body.";
      case 414 -> "Send a shorter URL: the path and its parameters are too long.";
      case 415 -> "Send the body as JSON with Content-Type: application/json.";
      case 431 -> "Send fewer or smaller headers.";
      case 503 ->
          "The service cannot answer right now; try again after the seconds in Retry-After.";
      default ->
          status.is5xxServerError()
              ? "The service failed; try again, and tell its operator if it goes on."
              : "Correct the request as /docs describes it and send it again.";
    };
  }
}
