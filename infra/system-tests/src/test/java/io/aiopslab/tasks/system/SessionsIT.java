package io.aiopslab.tasks.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aiopslab.tasks.system.SessionClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Trainers that are the agent themselves, on clusters that they share. With {@code
 * -Daiopslab.sessions=50} as many sessions at once. What a step takes beyond its environment's own
 * time is printed, beside what it takes when there is no other: a figure for people, because it
 * says as much about the machine. Of services that have been up for a while it tells with {@code
 * -Daiopslab.sessions.warmup=400 -Daiopslab.services.jvm=-XX:TieredStopAtLevel=4}: so many sessions
 * before, and both compilers.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionsIT {
  private static final int SESSIONS = Integer.getInteger("aiopslab.sessions", 8);
  private static final int WARM_UP_SESSIONS = Integer.getInteger("aiopslab.sessions.warmup", 0);
  private static final long THINKING_MILLIS = Long.getLong("aiopslab.sessions.think", 50);
  private static final int STEPS = 6;
  private static final int STEPS_ALONE = 25;
  private static final Duration LONG = Duration.ofSeconds(90);

  private RunningSystem system;
  private SessionClient client;

  @BeforeAll
  void start() {
    system = RunningSystem.shared();
    client = new SessionClient(system::url);
  }

  @Test
  void manySessionsAtOnceAreEachAloneOnTheirClusterAndLeaveNothingBehind() throws Exception {
    Queue<Double> overheads = new ConcurrentLinkedQueue<>();
    Queue<Double> alone = new ConcurrentLinkedQueue<>();
    try (ServiceProcess worker = system.worker("four", "four-a", "four-b", "four-c", "four-d")) {
      for (int played = 0; played < WARM_UP_SESSIONS; played += SESSIONS) {
        playAllAtOnce(STEPS_ALONE, new ConcurrentLinkedQueue<>());
      }
      playAllAtOnce(STEPS, overheads);
      play(SESSIONS, STEPS_ALONE, alone);
      print(SESSIONS + " sessions at once", overheads);
      print("one alone", alone);
      assertThat(overlaps("four")).isZero();
      await("nothing is left").atMost(LONG).until(() -> runnersOf(worker).isEmpty());
      for (String slot : List.of("four-a", "four-b", "four-c", "four-d")) {
        await(slot + " is idle")
            .atMost(LONG)
            .until(() -> system.client().worker(slot).path("status").asString().equals("idle"));
      }
    }
  }

  private void playAllAtOnce(int steps, Queue<Double> overheads) throws Exception {
    ExecutorService trainers = Executors.newFixedThreadPool(SESSIONS);
    try {
      List<CompletableFuture<String>> all = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        int number = i;
        all.add(CompletableFuture.supplyAsync(() -> play(number, steps, overheads), trainers));
      }
      for (int i = 0; i < SESSIONS; i++) {
        String id = all.get(i).get();
        var task = system.client().awaitEnd(id, LONG);
        assertThat(task.path("status").asString())
            .isEqualTo(i % 3 == 2 ? "cancelled" : "completed");
      }
    } finally {
      trainers.shutdownNow();
    }
  }

  private static void print(String what, Queue<Double> overheads) {
    List<Double> sorted = overheads.stream().sorted().toList();
    System.out.printf(
        "SessionsIT: %s, thinking %d ms before each of %d steps, overhead p50 %.1f ms, p90 %.1f ms, most %.1f ms%n",
        what,
        THINKING_MILLIS,
        sorted.size(),
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 9 / 10),
        sorted.get(sorted.size() - 1));
  }

  /** As long as a trainer's model takes to choose an action at the least. */
  private static void think() {
    try {
      TimeUnit.MILLISECONDS.sleep(THINKING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every third session is ended by its trainer, the others by a submission. */
  private String play(int number, int steps, Queue<Double> overheads) {
    Answer opened =
        client.open(
            "four",
            ", \"max_steps\": %d, \"metadata\": {\"number\": %d}".formatted(steps + 1, number));
    assertThat(opened.status()).as(opened.toString()).isIn(201, 202);
    String id = opened.text("id");
    await("session " + number + " is open")
        .atMost(LONG.multipliedBy(2))
        .until(() -> client.get(id + "?wait=30s").text("state"), state -> state.equals("open"));
    for (int index = 0; index < steps; index++) {
      think();
      String mark = "session-%d-step-%d".formatted(number, index);
      String action = "exec_shell(\"echo %s\")".formatted(mark);
      long began = System.nanoTime();
      Answer step = client.step(id, index, action);
      double milliseconds = (System.nanoTime() - began) / 1e6;
      assertThat(step.status()).as(step.toString()).isEqualTo(200);
      assertThat(step.text("observation").strip()).isEqualTo(mark);
      assertThat(step.body().path("done").asBoolean()).isFalse();
      overheads.add(milliseconds - step.body().at("/info/environment_ms").asDouble());
    }
    if (number % 3 == 2) {
      assertThat(client.end(id).status()).isEqualTo(200);
    } else {
      Answer done = client.step(id, steps, "submit(\"No\")");
      assertThat(done.status()).as(done.toString()).isEqualTo(200);
      assertThat(done.body().path("done").asBoolean()).isTrue();
      assertThat(done.body().path("reward").asDouble()).isEqualTo(1.0);
      Answer more = client.step(id, steps + 1, SessionClient.LOOK);
      assertThat(more.text("code")).isEqualTo("session_done");
    }
    return id;
  }

  /** Pairs of runs that had the same cluster at the same time, until what they said last. */
  private long overlaps(String backend) {
    return system
        .database()
        .sql(
            """
            WITH runs AS (
              SELECT t.id, t.worker_id, t.started_at, r.finished_at
              FROM tasks t JOIN task_results r ON r.task_id = t.id
              WHERE t.backend_type = :backend)
            SELECT count(*) FROM runs a JOIN runs b ON a.worker_id = b.worker_id AND a.id < b.id
            WHERE (a.started_at, a.finished_at) OVERLAPS (b.started_at, b.finished_at)
            """)
        .param("backend", backend)
        .query(Long.class)
        .single();
  }

  private static List<ProcessHandle> runnersOf(ServiceProcess worker) {
    return ProcessHandle.of(worker.pid()).stream()
        .flatMap(ProcessHandle::descendants)
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  @Tag("thorough")
  @Test
  void anApiThatIsKilledInAStepLosesNothingAndAnotherGoesOn() {
    try (ServiceProcess worker = system.worker("survive", "survive-a");
        ServiceProcess other = system.anotherApi();
        ServiceProcess collector = system.anotherCollector()) {
      SessionClient doomed = new SessionClient(other::url);
      String id = slowSession("survive");
      CompletableFuture<Answer> lost =
          CompletableFuture.supplyAsync(() -> doomed.step(id, 0, SessionClient.LOOK));
      await().atMost(LONG).until(() -> client.get(id).text("state").equals("stepping"));
      other.kill();
      Answer answer = client.step(id, 0, SessionClient.LOOK);
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
      assertThat(lost).isCompletedExceptionally();
      assertThat(client.step(id, 0, SessionClient.LOOK).body()).isEqualTo(answer.body());
      Answer next = client.step(id, 1, SessionClient.LOOK);
      assertThat(next.status()).as(next.toString()).isEqualTo(200);
      assertThat(client.end(id).status()).isEqualTo(200);
      system.client().awaitEnd(id, LONG);
      assertThat(
              system
                  .database()
                  .sql("SELECT role FROM task_steps WHERE task_id = :id ORDER BY index")
                  .param("id", java.util.UUID.fromString(id))
                  .query(String.class)
                  .list())
          .as("each action was done once")
          .containsExactly("assistant", "env", "assistant", "env");
    }
  }

  @Tag("thorough")
  @Test
  void aWorkerThatIsKilledEndsTheSessionWithAClearError() {
    try (ServiceProcess worker = system.worker("killed-in-step", "killed-in-step-a")) {
      String id = slowSession("killed-in-step");
      CompletableFuture<Answer> step =
          CompletableFuture.supplyAsync(() -> client.step(id, 0, SessionClient.LOOK, "60s"));
      await().atMost(LONG).until(() -> client.get(id).text("state").equals("stepping"));
      worker.kill();
      assertThat(step.join().status()).as(step.join().toString()).isEqualTo(410);
      assertThat(step.join().text("code")).isEqualTo("worker_lost");
      assertThat(client.get(id).text("state")).isEqualTo("failed");
      assertThat(client.step(id, 1, "x").text("code")).isEqualTo("worker_lost");
    }
  }

  @Test
  void anIdleSessionIsReaped() {
    try (ServiceProcess worker = system.worker("idle", "idle-a")) {
      String id =
          client.open("idle", ", \"wait\": \"60s\", \"idle_timeout_seconds\": 1").text("id");
      var task = system.client().awaitEnd(id, LONG);
      assertThat(task.path("failure_code").asString()).isEqualTo("idle_timeout");
      assertThat(task.at("/result/attestation/fault_recovered").isBoolean()).isTrue();
      Answer late = client.step(id, 0, SessionClient.LOOK);
      assertThat(late.status()).isEqualTo(410);
      assertThat(late.text("code")).isEqualTo("idle_timeout");
      Answer next = client.open("idle", ", \"wait\": \"60s\"");
      assertThat(next.status()).as("the cluster is free again").isEqualTo(201);
      client.end(next.text("id"));
    }
  }

  /** A task whose agent is somewhere else is a session, however it was submitted. */
  private String slowSession(String backend) {
    String id =
        system
            .client()
            .submit(
                """
                {"problem_id": "noop_detection_hotel_reservation-1", "backend_type": "%s",
                 "agent_config": {"agent": "external", "delay_ms": 3000}}
                """
                    .formatted(backend));
    await().atMost(LONG).until(() -> client.get(id + "?wait=30s").text("state").equals("open"));
    return id;
  }
}
