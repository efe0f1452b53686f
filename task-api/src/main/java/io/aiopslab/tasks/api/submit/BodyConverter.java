package io.aiopslab.tasks.api.submit;

import io.aiopslab.tasks.api.problem.Refusal;
import java.io.IOException;
import java.util.function.Function;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotWritableException;

/** Reads the body of a submission, never more of it than is allowed. */
final class BodyConverter<T> extends AbstractHttpMessageConverter<T> {
  private final Class<T> type;
  private final int largest;
  private final String advice;
  private final Function<byte[], T> read;

  /**
   * @param largest in bytes
   * @param advice what to do with a larger one
   */
  BodyConverter(Class<T> type, int largest, String advice, Function<byte[], T> read) {
    super(MediaType.APPLICATION_JSON);
    this.type = type;
    this.largest = largest;
    this.advice = advice;
    this.read = read;
  }

  @Override
  protected boolean supports(Class<?> asked) {
    return asked == type;
  }

  @Override
  protected T readInternal(Class<? extends T> asked, HttpInputMessage message) throws IOException {
    if (message.getHeaders().getContentLength() > largest) {
      throw Refusal.tooLarge(advice);
    }
    byte[] body = message.getBody().readNBytes(largest + 1);
    if (body.length > largest) {
      throw Refusal.tooLarge(advice);
    }
    return read.apply(body);
  }

  @Override
  protected void writeInternal(T request, HttpOutputMessage message) {
    throw new HttpMessageNotWritableException("a submission is only read");
  }
}
