package io.aiopslab.tasks.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import io.aiopslab.tasks.task.TraceParent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageProperties;

class PlainPropertiesTest {
  private static final String HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void aTraceIsTheOnlyHeaderThatIsRead() {
    MessageProperties read = read(Map.of("traceparent", text(HEADER), "x-other", text("x")));
    assertThat(PlainProperties.trace(read)).isEqualTo(TraceParent.parse(HEADER)).isNotNull();
    assertThat(read.getHeaders()).containsOnlyKeys("traceparent");
  }

  @Test
  void whatIsNoTraceIsIgnored() {
    List<Object> strange =
        List.of(
            text("x".repeat(1 << 20)),
            text(HEADER + "0"),
            text(HEADER.replace('-', '\n')),
            HEADER.length(),
            Map.of("traceparent", text(HEADER)),
            List.of(text(HEADER)));
    for (Object value : strange) {
      MessageProperties read = read(Map.of("traceparent", value));
      assertThat(PlainProperties.trace(read)).as("%s", value.getClass()).isNull();
      assertThat(read.getHeaders()).isEmpty();
    }
  }

  private static LongString text(String text) {
    return LongStringHelper.asLongString(text);
  }

  private static MessageProperties read(Map<String, Object> headers) {
    return new PlainProperties()
        .toMessageProperties(new BasicProperties.Builder().headers(headers).build(), null, "UTF-8");
  }
}
