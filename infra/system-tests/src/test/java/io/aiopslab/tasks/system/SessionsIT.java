package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.aiopslab.tasks.system.SessionClient.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Trainers that are the agent themselves, on clusters that they share with others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionsIT {
  private RunningSystem system;
  private SessionClient client;

  @BeforeAll
  void start(@TempDir Path directory) {
    system = RunningSystem.start(directory);
    client = new SessionClient(system::url);
  }

  @AfterAll
  void stop() {
    system.close();
  }

  @Test
  void aSessionIsOpenedSteppedAndGraded() {
    try (ServiceProcess worker = system.worker("one", "one-a")) {
      Answer open = client.open("one", "");
      assertThat(open.status()).as(open.toString()).isEqualTo(201);
      assertThat(open.text("state")).isEqualTo("open");
      String id = open.text("id");
      Answer look = client.step(id, 0, SessionClient.LOOK);
      assertThat(look.status()).as(look.toString()).isEqualTo(200);
      assertThat(look.body().path("done").asBoolean()).isFalse();
      Answer done = client.step(id, 1, "submit(\"No\")");
      assertThat(done.status()).as(done.toString()).isEqualTo(200);
      assertThat(done.body().path("done").asBoolean()).isTrue();
      assertThat(done.body().path("reward").asDouble()).isEqualTo(1.0);
    }
  }
}
