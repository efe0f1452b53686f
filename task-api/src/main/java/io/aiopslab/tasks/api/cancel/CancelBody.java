package io.aiopslab.tasks.api.cancel;

import io.aiopslab.tasks.api.body.JsonPath;
import io.aiopslab.tasks.api.body.StrictJson;
import io.aiopslab.tasks.api.problem.Problem;
import io.aiopslab.tasks.api.problem.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.JsonNode;

/** Reads the body of a cancel strictly, and never more of it than a reason needs. */
@Component
class CancelBody extends AbstractHttpMessageConverter<CancelRequest> implements WebMvcConfigurer {
  static final int LONGEST_REASON = 500;

  /** A character takes twelve bytes at most, as two escapes. */
  private static final int LARGEST_BODY = 16 * 1024;

  CancelBody() {
    super(MediaType.APPLICATION_JSON);
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.addCustomConverter(this);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == CancelRequest.class;
  }

  @Override
  protected CancelRequest readInternal(
      Class<? extends CancelRequest> type, HttpInputMessage message) throws IOException {
    byte[] body = message.getBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw Refusal.tooLarge("Send a body of at most 16 KiB: a reason has at most 500 characters.");
    }
    return read(body);
  }

  /**
   * @throws Refusal naming every field that is wrong
   */
  static CancelRequest read(byte[] body) {
    JsonNode json = StrictJson.OF_REPORT.read(body);
    List<Problem.Detail> details = new ArrayList<>();
    for (String name : json.propertyNames()) {
      if (!name.equals("reason")) {
        details.add(
            new Problem.Detail(
                JsonPath.member("", name), "unknown", "is not a field here; there is reason"));
      }
    }
    String reason = reason(json.get("reason"), details);
    if (!details.isEmpty()) {
      throw Refusal.badRequest(
          "invalid_cancel",
          "Correct the fields named in details and cancel the task again: %s %s."
              .formatted(details.get(0).field(), details.get(0).message()),
          details);
    }
    return new CancelRequest(reason);
  }

  private static @Nullable String reason(@Nullable JsonNode value, List<Problem.Detail> details) {
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      details.add(new Problem.Detail("reason", "type", "must be a string"));
      return null;
    }
    String reason = value.stringValue();
    if (reason.codePointCount(0, reason.length()) > LONGEST_REASON) {
      details.add(new Problem.Detail("reason", "length", "must have at most 500 characters"));
    } else if (reason.codePoints().anyMatch(CancelBody::isUnstorable)) {
      details.add(
          new Problem.Detail("reason", "characters", "holds U+0000 or half of a surrogate pair"));
    }
    return reason;
  }

  private static boolean isUnstorable(int codePoint) {
    return codePoint == 0
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }

  @Override
  protected void writeInternal(CancelRequest request, HttpOutputMessage message) {
    throw new HttpMessageNotWritableException("a cancel is only read");
  }
}
