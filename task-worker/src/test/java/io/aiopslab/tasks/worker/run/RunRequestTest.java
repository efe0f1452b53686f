package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.worker.settings.ClusterSettings;
import io.aiopslab.tasks.worker.settings.ModelKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RunRequestTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  private static final List<ModelKey> KEYS = List.of(new ModelKey("MY_KEY", "http://m/v1"));

  @Test
  void keysAreNamedWithTheirPlaceAndWithoutTheirValue() {
    assertThat(request(Map.of("c.name", "kind-1")))
        .contains("\"model_keys\":{\"MY_KEY\":\"http://m/v1\"}")
        .contains("\"passed_variables\":[\"HTTPS_PROXY\"]");
  }

  @Test
  void theCheckoutOfAIOpsLabIsNamedOnlyWhereItIsUsed() {
    Map<String, String> keys = Map.of("c.name", "kind-1", "c.aiopslab-home", "/opt/AIOpsLab");
    assertThat(request(keys)).doesNotContain("aiopslab_home");
    Map<String, String> real = new java.util.HashMap<>(keys);
    real.put("c.environment", "aiopslab");
    assertThat(request(real)).contains("\"aiopslab_home\":\"/opt/AIOpsLab\"");
  }

  private static String request(Map<String, String> keys) {
    ClusterSettings cluster =
        new Binder(new MapConfigurationPropertySource(keys)).bind("c", ClusterSettings.class).get();
    var none = Json.mapper().createObjectNode();
    Task.Run run = new Task.Run(UUID.randomUUID(), "kind-1", NOW, NOW);
    Task task =
        new Task(
            UUID.randomUUID(),
            new TaskSpec("p-1", "default", 5, 30, 1, none, none, null),
            null,
            null,
            TaskStatus.RUNNING,
            run,
            null,
            null,
            NOW,
            null,
            null,
            NOW,
            null);
    Duration timeout = Duration.ofMinutes(1);
    return new String(
        RunRequest.of(task, run, cluster, timeout, KEYS, List.of("HTTPS_PROXY")).toBytes(), UTF_8);
  }
}
