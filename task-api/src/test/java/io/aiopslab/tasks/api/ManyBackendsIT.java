package io.aiopslab.tasks.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.store.TaskClaims;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Names of backends that anybody may invent. */
class ManyBackendsIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int EXPIRES_MILLIS = 1500;
  private static final int LONG_MILLIS = 3_600_000;

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  private final HttpClient management =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void capacityIsRightHoweverManyBackendsThereAre() {
    String tasks =
        IntStream.range(0, 600)
            .mapToObj("{\"problem_id\":\"p\",\"backend_type\":\"many-%03d\"}"::formatted)
            .collect(Collectors.joining(",", "{\"tasks\":[", "]}"));
    assertThat(api.post("/api/v1/tasks/batch", tasks).status()).isEqualTo(201);
    for (int at : new int[] {0, 499, 500, 501, 599}) {
      String backend = "many-%03d".formatted(at);
      JsonNode capacity = api.get("/api/v1/backends/" + backend + "/capacity").json();
      assertThat(capacity.get("queued").intValue()).as(backend).isEqualTo(1);
      assertThat(capacity.get("oldest_wait_seconds").isNull()).as(backend).isFalse();
    }
    api.post("/api/v1/workers/register", "{\"id\":\"many-worker\",\"backend_type\":\"many-599\"}");
    JsonNode capacity = api.get("/api/v1/backends/many-599/capacity").json();
    assertThat(capacity.get("free").intValue()).isEqualTo(1);
  }

  /** With the policies of the definitions, but in seconds instead of a day. */
  @Test
  void theQueueOfAnInventedBackendGoesAndItsTasksStay() throws Exception {
    letQueuesGoAfter(LONG_MILLIS);
    String queue = Topology.ticketQueue("invented");
    String first = submitted();
    await("its ticket was sent").atMost(LONG).until(() -> api.broker().messages(queue) == 1);
    letQueuesGoAfter(EXPIRES_MILLIS);
    await("nobody wants its queue, and that goes").atMost(LONG).until(() -> !isThere(queue));

    letQueuesGoAfter(LONG_MILLIS);
    String second = submitted();
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      await("it is made again for the next task").atMost(LONG).until(() -> isThere(queue));
      GetResponse ticket = channel.basicGet(queue, true);
      assertThat(ticket.getProps().getMessageId()).isEqualTo(second);
    }
    TaskClaims claims = api.bean(TaskClaims.class);
    for (String task : new String[] {first, second}) {
      assertThat(claims.claim("worker-1", "invented", UUID.randomUUID()))
          .hasValueSatisfying(claimed -> assertThat(claimed.id()).hasToString(task));
    }
  }

  private void letQueuesGoAfter(int milliseconds) throws Exception {
    for (JsonNode policy :
        Json.mapper()
            .readTree(Path.of("../infra/rabbitmq/definitions.json").toFile())
            .get("policies")) {
      String name = policy.get("name").stringValue();
      if (name.equals("tickets") || name.equals("commands")) {
        ObjectNode shorter = ((ObjectNode) policy).deepCopy();
        assertThat(shorter.at("/definition/expires").asInt()).as(name).isGreaterThan(3_600_000);
        ((ObjectNode) shorter.get("definition")).put("expires", milliseconds);
        shorter.remove("vhost");
        assertThat(manage("PUT", "policies", name, shorter.toString())).isIn(201, 204);
      }
    }
  }

  private static String submitted() {
    return api.submit("{\"problem_id\":\"p\",\"backend_type\":\"invented\"}").id();
  }

  private boolean isThere(String queue) throws Exception {
    return manage("GET", "queues", queue, "") == 200;
  }

  private int manage(String method, String kind, String name, String body) throws Exception {
    String vhost = URLEncoder.encode(api.broker().virtualHost(), UTF_8);
    URI url = api.broker().managementUrl().resolve("/api/" + kind + "/" + vhost + "/" + name);
    byte[] credentials = (api.broker().username() + ":" + api.broker().password()).getBytes(UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    return management.send(request, BodyHandlers.discarding()).statusCode();
  }
}
