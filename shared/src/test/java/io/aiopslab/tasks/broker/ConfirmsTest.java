package io.aiopslab.tasks.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.aiopslab.tasks.broker.ConfirmedPublisher.Answer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfirmsTest {
  private final Confirms confirms = new Confirms();

  @BeforeEach
  void sendThree() {
    confirms.begin();
    confirms.expect(1, "a");
    confirms.expect(2, "b");
    confirms.expect(3, "c");
  }

  @Test
  void oneAnswerMayStandForSeveral() throws InterruptedException {
    confirms.handleAck(3, true);
    assertThat(answer()).isEqualTo(new Answer(Set.of("a", "b", "c"), Set.of(), true));
  }

  @Test
  void returnedMessageHasNotArrivedThoughAcknowledged() throws InterruptedException {
    giveBack("b");
    confirms.handleAck(3, true);
    assertThat(answer()).isEqualTo(new Answer(Set.of("a", "c"), Set.of("b"), true));
  }

  @Test
  void nackIsRefusalWhetherReturnedOrNot() throws InterruptedException {
    confirms.handleNack(1, false);
    giveBack("a");
    confirms.handleNack(2, false);
    confirms.handleAck(3, false);
    assertThat(answer()).isEqualTo(new Answer(Set.of("c"), Set.of("a", "b"), true));
  }

  @Test
  void silenceAndLostChannelsLeaveTheRestUnknown() throws InterruptedException {
    confirms.handleAck(1, false);
    assertThat(answer()).isEqualTo(new Answer(Set.of("a"), Set.of(), false));
    confirms.fail();
    assertThat(confirms.await(Duration.ofHours(1)).complete()).isFalse();
  }

  @Test
  void answersToAnEarlierBatchDoNotCount() throws InterruptedException {
    confirms.handleNack(1, false);
    confirms.begin();
    confirms.expect(4, "d");
    confirms.handleAck(2, false);
    confirms.handleAck(4, false);
    assertThat(answer()).isEqualTo(new Answer(Set.of("d"), Set.of(), true));
  }

  private Answer answer() throws InterruptedException {
    return confirms.await(Duration.ofMillis(1));
  }

  private void giveBack(String messageId) {
    BasicProperties properties = new BasicProperties.Builder().messageId(messageId).build();
    confirms.handleReturn(312, "NO_ROUTE", "exchange", "key", properties, new byte[0]);
  }
}
