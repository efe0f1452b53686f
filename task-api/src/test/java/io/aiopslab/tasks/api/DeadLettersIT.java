package io.aiopslab.tasks.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.aiopslab.tasks.api.RunningApi.Answer;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.store.Evidence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DeadLettersIT {
  private static final String LETTERS = "/api/v1/dead-letters";

  @RegisterExtension static final RunningApi api = RunningApi.onItsOwnServers();

  @ParameterizedTest
  @ValueSource(strings = {"named", ""})
  void aLetterIsSentAsItCameAndNotedWhenTheBrokerHasIt(String name) throws Exception {
    String messageId = name.isEmpty() ? null : name;
    byte[] body = {0, -1, '{', (byte) name.length()};
    String id = keep("task.log.x", messageId, body, "sent-" + name);
    assertThat(letter(id).get("state").stringValue()).isEqualTo("kept");

    Answer asked = requeue(id, "{\"by\":\"ana\"}");
    assertThat(asked.status()).isEqualTo(202);
    assertThat(asked.json().get("requeues").intValue()).isEqualTo(1);
    awaitState(id, "requeued");
    assertThat(letter(id).get("requeue_asked_by").stringValue()).isEqualTo("ana");
    assertThat(letter(id).get("requeued_at").isString()).isTrue();
    assertThat(requeue(id, "").json().get("requeues").intValue()).as("a repeat").isEqualTo(1);

    GetResponse sent = Objects.requireNonNull(arrived());
    assertThat(sent.getBody()).isEqualTo(body);
    assertThat(sent.getProps().getMessageId()).isEqualTo(messageId);
    assertThat(sent.getProps().getDeliveryMode()).isEqualTo(2);
    assertThat(sent.getEnvelope().getRoutingKey()).isEqualTo("task.log.x");
    assertThat(arrived()).as("once").isNull();

    keep("task.log.x", messageId, body, "sent-" + name);
    assertThat(letter(id).get("state").stringValue()).isEqualTo("returned");
    assertThat(letter(id).get("seen").intValue()).isEqualTo(2);
  }

  @Test
  void allOfAFilterAreSent() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.add(keep("task.log.x", "many", new byte[] {(byte) i}, "from-the-other-version"));
    }
    keep("events.collector.0", "stray", new byte[] {9}, "from-the-other-version");
    Answer asked = api.post(LETTERS + "/requeue", "{\"reason\":\"from-the-other-version\"}");
    assertThat(asked.status()).isEqualTo(202);
    assertThat(asked.json().toString()).isEqualTo("{\"asked\":3,\"more\":false}");
    for (String id : ids) {
      awaitState(id, "requeued");
      assertThat(arrived()).isNotNull();
    }
    assertThat(
            api.post(LETTERS + "/requeue", "{\"reason\":\"from-the-other-version\"}")
                .json()
                .get("asked")
                .intValue())
        .isZero();
  }

  @Test
  void whatCannotBeSentAsItCameIsRefused() {
    String stray = keep("events.collector.0", "m", new byte[] {1}, "stray");
    assertThat(letter(stray).get("requeueable").booleanValue()).isFalse();
    String mangled = keep("task.\u0000", "m", new byte[] {1}, "mangled");
    for (String id : List.of(stray, mangled)) {
      Answer refused = requeue(id, "");
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.json().get("code").stringValue()).isEqualTo("dead_letter_not_requeueable");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "00",
        "%00",
        "0000000000000000000000000000000000000000000000000000000000000000"
      })
  void anIdOfNothingIs404(String id) {
    for (Answer answer :
        List.of(
            api.get(LETTERS + "/" + id), api.get(LETTERS + "?after=" + id), requeue(id, "{}"))) {
      assertThat(answer.status()).isIn(400, 404);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"by\":\"ana\"}",
        "{\"state\":\"asked\"}",
        "{\"reason\":\"\"}",
        "{\"all\":true}"
      })
  void aFilterThatMeansNothingIsRefused(String body) {
    assertThat(api.post(LETTERS + "/requeue", body).status()).isEqualTo(400);
  }

  @Test
  void pagesGoOnBehindTheLast() {
    for (int i = 0; i < 5; i++) {
      keep("task.log.x", "page-" + i, new byte[] {1}, "paged");
    }
    List<String> names = new ArrayList<>();
    String after = "";
    do {
      JsonNode page = api.get(LETTERS + "?reason=paged&limit=2" + after).json();
      page.get("dead_letters").forEach(one -> names.add(one.get("message_id").stringValue()));
      after = page.get("next").isNull() ? "" : "&after=" + page.get("next").stringValue();
    } while (!after.isEmpty());
    assertThat(names).containsExactly("page-4", "page-3", "page-2", "page-1", "page-0");
  }

  private static Answer requeue(String id, String body) {
    return api.post(LETTERS + "/" + id + "/requeue", body);
  }

  private static JsonNode letter(String id) {
    return api.get(LETTERS + "/" + id).json();
  }

  private static void awaitState(String id, String state) {
    await(state)
        .atMost(Duration.ofSeconds(20))
        .until(() -> letter(id).get("state").stringValue().equals(state));
  }

  private static @Nullable GetResponse arrived() throws Exception {
    try (Connection connection = api.broker().connectionFactory().newConnection();
        Channel channel = connection.createChannel()) {
      return channel.basicGet(Topology.EVENTS_QUEUE, true);
    }
  }

  /** Returns the id of the letter, which is the newest of its reason. */
  private static String keep(
      String routingKey, @Nullable String messageId, byte[] body, String reason) {
    api.bean(Evidence.class)
        .quarantine(
            new Evidence.DeadLetter(Topology.EVENTS_QUEUE, routingKey, messageId, body), reason);
    return api.get(LETTERS + "?limit=1&reason=" + reason)
        .json()
        .at("/dead_letters/0/id")
        .stringValue();
  }
}
