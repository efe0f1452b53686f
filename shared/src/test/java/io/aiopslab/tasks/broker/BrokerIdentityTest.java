package io.aiopslab.tasks.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BrokerIdentityTest {
  @Test
  void aConnectionSaysWhoseItIs() {
    assertThat(new BrokerIdentity("task-api", "0.1.0", "host-1", "").connectionName())
        .isEqualTo("task-api 0.1.0 @ host-1");
    assertThat(new BrokerIdentity("task-worker", "0.1.0", "h", "kind-1, kind-2").connectionName())
        .isEqualTo("task-worker 0.1.0 @ h: kind-1, kind-2");
  }

  /** AMQP takes 255 bytes for a tag. */
  @Test
  void namesAreBounded() {
    BrokerIdentity many = new BrokerIdentity("task-worker", "1", "h", "kind-1, ".repeat(100));
    assertThat(many.connectionName()).hasSize(200).endsWith("…");
    assertThat(new BrokerIdentity("s", "1", "h".repeat(300), "").consumerTag("events"))
        .hasSizeLessThan(201);
  }
}
