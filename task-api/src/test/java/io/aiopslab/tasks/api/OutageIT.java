package io.aiopslab.tasks.api;

import static io.aiopslab.tasks.api.SubmitIT.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.TraceParent;
import io.aiopslab.tasks.testing.DistantBroker;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OutageIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String TASK = "{\"problem_id\":\"p\",\"backend_type\":\"outage\"}";

  @Test
  void aTaskHasOneTicket() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        TestBroker broker = TestBroker.create();
        RunningApi api = RunningApi.start(database, broker)) {
      String id = api.submit(TASK).id();
      await().atMost(LONG).until(() -> broker.messages(Topology.ticketQueue("outage")) == 1);
      try (Connection connection = broker.connectionFactory().newConnection();
          Channel channel = connection.createChannel()) {
        GetResponse message = channel.basicGet("tasks.backend.outage", true);
        assertThat(message.getProps().getMessageId()).isEqualTo(id);
        assertThat(message.getProps().getDeliveryMode()).isEqualTo(2);
        assertThat(Json.mapper().readValue(message.getBody(), Ticket.class))
            .isEqualTo(Ticket.of(UUID.fromString(id), "outage", null));
        assertThat(String.valueOf(message.getProps().getHeaders().get("traceparent")))
            .startsWith("00-" + api.get("/api/v1/tasks/" + id).json().get("trace_id").stringValue())
            .hasSize(TraceParent.LENGTH);
        assertThat(channel.basicGet("tasks.backend.outage", true)).isNull();
      }
    }
  }

  @Test
  void withoutBrokerTasksAreTakenAndTheirTicketsFollow() throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        DistantBroker broker = TestBroker.createDistant();
        RunningApi api = RunningApi.start(database, broker, "--aiopslab.relay.outbox-capacity=5")) {
      api.submit(TASK);
      await().atMost(LONG).until(() -> broker.messages(Topology.ticketQueue("outage")) == 1);
      broker.stop();
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 30; i++) {
        Answer answer = api.submit(TASK);
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        ids.add(answer.id());
      }
      assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
      await()
          .atMost(LONG)
          .until(
              () ->
                  api.get("/actuator/health")
                      .json()
                      .at("/components/broker/details/rabbitmq")
                      .stringValue(),
              words -> words.startsWith("unreachable"));
      assertThat(api.get("/actuator/health").status()).isEqualTo(200);
      broker.start();
      await("as many tickets as wait; one is as good as another")
          .atMost(LONG)
          .until(() -> broker.messages(Topology.ticketQueue("outage")) > ids.size());
    }
  }

  @Test
  void withoutDatabaseTheAnswerIs503() {
    try (PrivateDatabase database = TestDatabase.startPrivate();
        TestBroker broker = TestBroker.create();
        RunningApi api = RunningApi.start(database, broker)) {
      String id = api.submit(TASK).id();
      database.pause();
      try {
        assertUnavailable(api.submit(TASK));
        assertUnavailable(api.get("/api/v1/tasks/" + id));
        assertUnavailable(api.get("/api/v1/tasks"));
        assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(503);
        assertThat(api.get("/actuator/health/liveness").status()).isEqualTo(200);
      } finally {
        database.resume();
      }
      await().atMost(LONG).until(() -> api.submit(TASK).status() == 201);
      database.kill();
      assertUnavailable(api.submit(TASK));
      assertUnavailable(api.get("/api/v1/tasks/" + id + "?wait=1s"));
      database.start();
      await().atMost(LONG).until(() -> api.submit(TASK).status() == 201);
      assertThat(api.get("/api/v1/tasks/" + id).status()).isEqualTo(200);
    }
  }

  private static void assertUnavailable(Answer answer) {
    assertProblem(answer, 503);
    assertThat(answer.header("Retry-After")).isEqualTo("2");
  }
}
