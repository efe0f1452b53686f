package io.aiopslab.tasks.api.web;

import java.io.IOException;
import java.util.Objects;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Reads what is marked {@link StrictBody}, never more of it than is allowed. */
@Component
class StrictBodyConverter extends AbstractHttpMessageConverter<Object> implements WebMvcConfigurer {
  private final ReadBody bodies;

  StrictBodyConverter(ReadBody bodies) {
    super(MediaType.APPLICATION_JSON);
    this.bodies = bodies;
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.addCustomConverter(this);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type.isAnnotationPresent(StrictBody.class);
  }

  @Override
  public boolean canWrite(
      @org.jspecify.annotations.Nullable Class<?> type,
      @org.jspecify.annotations.Nullable MediaType mediaType) {
    return false;
  }

  @Override
  protected Object readInternal(Class<? extends Object> type, HttpInputMessage message)
      throws IOException {
    StrictBody rule = Objects.requireNonNull(type.getAnnotation(StrictBody.class));
    if (message.getHeaders().getContentLength() > rule.most()) {
      throw tooLarge(rule);
    }
    byte[] body = message.getBody().readNBytes(rule.most() + 1);
    if (body.length > rule.most()) {
      throw tooLarge(rule);
    }
    return bodies.read(body, type);
  }

  private static Refusal tooLarge(StrictBody rule) {
    boolean small = rule.most() < 1 << 20;
    return Refusal.tooLarge(
        "Send a body of at most %d %s: %s."
            .formatted(rule.most() >> (small ? 10 : 20), small ? "KiB" : "MiB", rule.ifLarger()));
  }

  @Override
  protected void writeInternal(Object body, HttpOutputMessage message) {
    throw new HttpMessageNotWritableException("a request is only read");
  }
}
