package io.aiopslab.tasks.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class WorkerSettingsTest {
  @Test
  void aNameIsEnough() {
    WorkerSettings settings = bind(Map.of("AIOPSLAB_WORKER_CLUSTERS_0_NAME", "kind-1"));
    ClusterSettings cluster = settings.clusters().get(0);
    assertThat(cluster.name()).isEqualTo("kind-1");
    assertThat(cluster.backendType()).isEqualTo("default");
    assertThat(cluster.environment()).isEqualTo("simulator");
    assertThat(cluster.runnerCommand()).isEmpty();
    assertThat(settings.longestStop()).isEqualTo(Duration.ofSeconds(35));
    assertThat(settings.environment()).contains("PATH");
    assertThat(settings.passEnvironment()).isEmpty();
    assertThat(settings.modelKeys()).isEmpty();
    assertThat(settings.scratchDirectory()).isEqualTo(Path.of("data/worker-scratch"));
    assertThat(settings.runAs()).isNull();
  }

  @Test
  void withoutAClusterItSaysWhatToSet() {
    assertThatThrownBy(() -> bind(Map.of()))
        .rootCause()
        .hasMessageContaining("set AIOPSLAB_WORKER_CLUSTERS_0_NAME");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CLUSTERS_0_NAME|Kind_1|'Kind_1' is not a DNS-1123 label",
        "CLUSTERS_1_NAME|kind-1|names 'kind-1' twice",
        "CLUSTERS_0_BACKENDTYPE|GPU|'GPU' is not a DNS-1123 label",
        "CLUSTERS_0_ENVIRONMENT|docker|set it to one of simulator, aiopslab, command",
        "CLUSTERS_0_ENVIRONMENT|aiopslab|needs aiopslab-home",
        "CLUSTERS_0_ENVIRONMENT|command|set both or none",
        "CLUSTERS_0_COMMAND_0|echo|set both or none",
        "POLLINTERVAL|0s|poll-interval must be longer than 0s",
        "HEARTBEATINTERVAL|1m|heartbeat-interval must be 15s or less",
        "KILLGRACE|-1s|kill-grace must not be negative",
        "MAXLOGLINE|8MB|max-log-line must be at least 256B",
        "MAXPROTOCOLLINE|1GB|max-protocol-line must be 64MB or less",
        "MODELKEYS_0_VARIABLE|my key|is not the name of an environment variable",
        "MODELKEYS_0_VARIABLE|MY_KEY|must be an http or https URL",
        "VLLMBASEURL|localhost:8000|must be an http or https URL",
        "PASSENVIRONMENT|OPENAI_API_KEY,SPRING_DATASOURCE_PASSWORD|may hold a secret"
      })
  void refusesWhatIsUnsafe(String key, String value, String sentence) {
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("AIOPSLAB_WORKER_CLUSTERS_0_NAME", "kind-1");
    variables.put("AIOPSLAB_WORKER_" + key, value);
    assertThatThrownBy(() -> bind(variables))
        .isInstanceOf(BindException.class)
        .rootCause()
        .hasMessageContaining(sentence);
  }

  @Test
  void aRealClusterGetsTimeToRecover() {
    WorkerSettings settings =
        bind(
            Map.of(
                "AIOPSLAB_WORKER_CLUSTERS_0_NAME", "kind-1",
                "AIOPSLAB_WORKER_CLUSTERS_0_ENVIRONMENT", "aiopslab",
                "AIOPSLAB_WORKER_CLUSTERS_0_AIOPSLABHOME", "/opt/AIOpsLab",
                "AIOPSLAB_WORKER_CLUSTERS_0_KIND_CREATE", "true",
                "AIOPSLAB_WORKER_CLUSTERS_0_KIND_AFTERRUN", "recreate"));
    ClusterSettings cluster = settings.clusters().get(0);
    assertThat(cluster.managesKind()).isTrue();
    assertThat(cluster.kind().create()).isTrue();
    assertThat(cluster.kind().afterRun()).isEqualTo(KindSettings.AfterRun.RECREATE);
    assertThat(cluster.kind().leftoverNamespaces()).contains("test-hotel-reservation");
    assertThat(settings.killGrace(cluster)).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.longestStop()).isEqualTo(Duration.ofSeconds(160));
  }

  private static WorkerSettings bind(Map<String, Object> variables) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().remove("systemEnvironment");
    environment
        .getPropertySources()
        .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables));
    ConfigurationPropertySources.attach(environment);
    return Binder.get(environment).bindOrCreate("aiopslab.worker", WorkerSettings.class);
  }
}
