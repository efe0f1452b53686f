package io.aiopslab.tasks.worker.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.loop.Loop;
import io.aiopslab.tasks.loop.Loops;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.worker.settings.WorkerSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SpoolSenderIT {
  @TempDir Path directory;

  @Test
  void anEventThatTheBrokerNeverTakesHoldsUpNoOtherRun() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    EventSpool spool = new EventSpool(settings(), meters);
    try (TestBroker broker = TestBroker.create()) {
      CachingConnectionFactory connections =
          new CachingConnectionFactory(broker.connectionFactory());
      DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
      new SpoolSender(spool, connections, new Loops(beans, meters), meters);
      Loop sending = beans.getBean(Loop.class);
      UUID poisoned = open(spool);
      // A routing key may have 255 bytes, and this kind makes a longer one.
      file(spool, poisoned)
          .append(
              new SpooledEvent(
                  "k".repeat(300), UUID.randomUUID(), poisoned + ":0", new byte[9], null));
      UUID before = started(spool);
      sending.start();
      try {
        await().atMost(Duration.ofSeconds(30)).until(() -> file(spool, before).isDrained());
        UUID after = started(spool);
        await().atMost(Duration.ofSeconds(30)).until(() -> file(spool, after).isDrained());
        assertThat(meters.counter("aiopslab.worker.spool.refused").count()).isPositive();
        assertThat(file(spool, poisoned).isDrained()).isFalse();
      } finally {
        sending.stop();
        connections.destroy();
      }
    } finally {
      spool.close();
    }
  }

  private static UUID open(EventSpool spool) {
    UUID session = UUID.randomUUID();
    spool.prepare(session);
    return session;
  }

  private static UUID started(EventSpool spool) {
    UUID session = open(spool);
    spool.append(
        new RunEvent(
            RunEvent.VERSION,
            UUID.randomUUID(),
            session,
            "kind-1",
            0,
            Instant.parse("2026-11-23T10:00:00Z"),
            new RunEventBody.Started()));
    return session;
  }

  private static SpoolFile file(EventSpool spool, UUID session) {
    return spool.files().stream()
        .filter(file -> file.session().equals(session))
        .findFirst()
        .orElseThrow();
  }

  private WorkerSettings settings() {
    Map<String, String> properties =
        Map.of(
            "aiopslab.worker.clusters[0].name", "kind-1",
            "aiopslab.worker.scratch-directory", directory.toString(),
            "aiopslab.worker.spool-directory", directory.toString());
    return new Binder(new MapConfigurationPropertySource(properties))
        .bind("aiopslab.worker", WorkerSettings.class)
        .get();
  }
}
