package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.task.FailureCode;
import io.aiopslab.tasks.testing.TestBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;

/** What has arrived at the collectors' queue. */
final class CollectedEvents implements AutoCloseable {
  private final List<RunEvent> events = new CopyOnWriteArrayList<>();
  private final Connection connection;

  CollectedEvents(TestBroker broker) throws IOException, TimeoutException {
    connection = broker.connectionFactory().newConnection();
    var channel = connection.createChannel();
    Topology.taskEvents("any", UUID.randomUUID()).declare(channel);
    channel.basicConsume(
        Topology.EVENTS_QUEUE,
        true,
        (tag, message) -> events.add(RunEvent.fromBytes(message.getBody())),
        tag -> {});
  }

  /** Events of a task as the collector takes them: a message that is sent again counts once. */
  List<RunEvent> of(UUID taskId) {
    Set<String> seen = new HashSet<>();
    return all(taskId).stream().filter(event -> seen.add(event.messageId())).toList();
  }

  /** Likewise, with repeats. */
  List<RunEvent> all(UUID taskId) {
    return events.stream().filter(event -> event.taskId().equals(taskId)).toList();
  }

  /** Waits for the last event of a run, and makes sure that none before it is missing. */
  Finished awaitFinished(UUID taskId) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> of(taskId).stream().anyMatch(event -> event.body() instanceof Finished));
    List<RunEvent> run = of(taskId);
    assertThat(run.stream().map(RunEvent::seq))
        .as("seqs in order, without gaps")
        .containsExactlyElementsOf(LongStream.range(0, run.size()).boxed().toList());
    Finished finished = (Finished) run.get(run.size() - 1).body();
    assertThat(finished.result().logLines()).isEqualTo(lines(taskId).size());
    return finished;
  }

  Finished awaitFailure(UUID taskId, FailureCode code) {
    Finished finished = awaitFinished(taskId);
    assertThat(finished.failureCode()).as(finished.errorDetails()).isEqualTo(code);
    assertThat(finished.result().reward()).isNull();
    return finished;
  }

  /** Log lines that have arrived; fails if there is a gap. */
  List<Logged.Line> lines(UUID taskId) {
    List<Logged.Line> lines = new ArrayList<>();
    for (RunEvent event : of(taskId)) {
      if (event.body() instanceof Logged logged) {
        assertThat(logged.firstSeq()).isEqualTo(lines.size());
        lines.addAll(logged.lines());
      }
    }
    return lines;
  }

  List<String> messages(UUID taskId) {
    return lines(taskId).stream().map(Logged.Line::message).toList();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
