package io.aiopslab.tasks.broker;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.LongString;
import io.aiopslab.tasks.task.TraceParent;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;

/**
 * Leaves headers out but for a well-formed {@code traceparent}: no other means anything here, and
 * to convert them takes a stack as deep as a stranger has nested them, which would end the thread
 * that consumes. To be set wherever messages are received.
 */
public final class PlainProperties extends DefaultMessagePropertiesConverter {
  @Override
  public MessageProperties toMessageProperties(
      BasicProperties source, @Nullable Envelope envelope, String charset) {
    MessageProperties properties =
        super.toMessageProperties(source.builder().headers(null).build(), envelope, charset);
    TraceParent trace = read(source.getHeaders());
    if (trace != null) {
      properties.setHeader(TraceParent.HEADER, trace);
    }
    return properties;
  }

  /** What a received message continues; null if it does not say. */
  public static @Nullable TraceParent trace(MessageProperties properties) {
    Object trace = properties.getHeaders().get(TraceParent.HEADER);
    return trace instanceof TraceParent known ? known : null;
  }

  private static @Nullable TraceParent read(@Nullable Map<String, Object> headers) {
    Object value = headers == null ? null : headers.get(TraceParent.HEADER);
    return value instanceof LongString text && text.length() == TraceParent.LENGTH
        ? TraceParent.parse(text.toString())
        : null;
  }
}
