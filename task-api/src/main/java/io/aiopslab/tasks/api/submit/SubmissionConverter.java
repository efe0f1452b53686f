package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.problem.Refusal;
import java.io.IOException;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Reads the body of a submission, never more of it than is allowed. */
@Component
class SubmissionConverter extends AbstractHttpMessageConverter<SubmitRequest>
    implements WebMvcConfigurer {
  static final int LARGEST_BODY = 256 * 1024;

  private final ReadSubmission submissions;

  SubmissionConverter(ReadSubmission submissions) {
    super(MediaType.APPLICATION_JSON);
    this.submissions = submissions;
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.addCustomConverter(this);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type == SubmitRequest.class;
  }

  @Override
  protected SubmitRequest readInternal(
      Class<? extends SubmitRequest> type, HttpInputMessage message) throws IOException {
    if (message.getHeaders().getContentLength() > LARGEST_BODY) {
      throw tooLarge();
    }
    byte[] body = message.getBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw tooLarge();
    }
    return submissions.read(body);
  }

  private static Refusal tooLarge() {
    return Refusal.tooLarge(
        "Send a body of at most 256 KiB: keep large inputs elsewhere and refer to them.");
  }

  @Override
  protected void writeInternal(SubmitRequest request, HttpOutputMessage message) {
    throw new HttpMessageNotWritableException("a submission is only read");
  }
}
