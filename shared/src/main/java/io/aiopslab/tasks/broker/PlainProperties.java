package io.aiopslab.tasks.broker;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;

/**
 * Leaves headers out: none means anything here, and to convert them takes a stack as deep as a
 * stranger has nested them, which would end the thread that consumes. To be set wherever messages
 * are received.
 */
public final class PlainProperties extends DefaultMessagePropertiesConverter {
  @Override
  public MessageProperties toMessageProperties(
      BasicProperties source, @Nullable Envelope envelope, String charset) {
    return super.toMessageProperties(source.builder().headers(null).build(), envelope, charset);
  }
}
