package io.aiopslab.tasks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import io.aiopslab.tasks.broker.Topology;
import io.aiopslab.tasks.message.RunEvent;
import io.aiopslab.tasks.message.RunEventBody.Finished;
import io.aiopslab.tasks.message.RunEventBody.Logged;
import io.aiopslab.tasks.message.RunEventBody.StepTaken;
import io.aiopslab.tasks.store.TaskEndings;
import io.aiopslab.tasks.store.TaskLogs;
import io.aiopslab.tasks.store.TaskResults;
import io.aiopslab.tasks.store.TaskSteps;
import io.aiopslab.tasks.task.LogLine;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A worker lets go of what a run said when the database has it, not when the broker has it. */
class StoredBeforeForgottenIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  @TempDir Path directory;

  @Test
  void whatWasLostWithItsQueueAfterTheBrokerHadConfirmedItArrivesAndIsThenForgotten()
      throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        TestWorker worker = start(database, broker)) {
      Task task = worker.submit("p-1");
      await().atMost(LONG).until(() -> isKept(worker));
      deleteEventsQueue(broker);

      try (CollectedEvents events = new CollectedEvents(broker)) {
        Finished finished = events.awaitFinished(task.id());
        assertThat(Leftovers.spooled(directory)).hasSize(1);
        List<RunEvent> all = events.of(task.id());
        // All but a line, as if one message of several was lost: that is not enough.
        store(worker, all, finished.result().logLines() - 1);
        double resent = resent(worker);
        await().atMost(LONG).until(() -> resent(worker) > resent);
        assertThat(Leftovers.spooled(directory)).hasSize(1);
        store(worker, all, Long.MAX_VALUE);
        await().atMost(LONG).until(() -> Leftovers.spooled(directory).isEmpty());
        assertThat(worker.gauge("aiopslab.worker.spool.bytes")).isZero();
        assertThat(column(database, "SELECT count(*) FROM task_logs"))
            .isEqualTo(String.valueOf(finished.result().logLines()));
      }
    }
  }

  @Test
  void whileEventsWaitAtTheBrokerNothingIsSentAgainAndARunThatWasEndedOtherwiseIsForgotten()
      throws Exception {
    try (TestDatabase database = TestDatabase.createMigrated();
        TestBroker broker = TestBroker.create();
        TestWorker worker = start(database, broker)) {
      Task task = worker.submit("p-1");
      await().atMost(LONG).until(() -> isKept(worker));
      await().during(Duration.ofSeconds(2)).until(() -> resent(worker) == 0 && isKept(worker));

      database(database)
          .sql(
              """
              UPDATE tasks SET status = 'failed', failure_code = 'timeout', error_details = 'late',
                completed_at = now(), changed_by = 'collector:deadline-sweep' WHERE id = ?
              """)
          .param(task.id())
          .update();
      assertThat(Leftovers.spooled(directory)).hasSize(1);
      deleteEventsQueue(broker);
      await().atMost(LONG).until(() -> Leftovers.spooled(directory).isEmpty());
      assertThat(resent(worker)).as("once, to be evidence").isEqualTo(1);
    }
  }

  @Test
  void withoutTheDatabaseWhatRunsSaidIsKeptAlsoOverARestart() throws Exception {
    try (PrivateDatabase database = TestDatabase.startPrivate();
        TestBroker broker = TestBroker.create();
        CollectedEvents events = new CollectedEvents(broker)) {
      Task task;
      try (TestWorker worker = start(database, broker)) {
        task = worker.submit("p-1");
        events.awaitFinished(task.id());
        await().atMost(LONG).until(() -> isKept(worker));
        database.kill();
        double resent = resent(worker);
        await()
            .during(Duration.ofSeconds(2))
            .until(() -> isKept(worker) && resent(worker) <= resent + 1);
      }
      assertThat(Leftovers.spooled(directory)).hasSize(1);
      database.start();
      try (TestWorker next = start(database, broker)) {
        await().atMost(LONG).until(() -> isKept(next));
        store(next, events.of(task.id()), Long.MAX_VALUE);
        await().atMost(LONG).until(() -> Leftovers.spooled(directory).isEmpty());
      }
    }
  }

  private TestWorker start(TestDatabase database, TestBroker broker) {
    return TestWorker.start(
        database, broker, directory, "well_behaved.py", "--aiopslab.worker.resend-after=500ms");
  }

  private static boolean isKept(TestWorker worker) {
    return worker.gauge("aiopslab.worker.spool.kept.runs") == 1 && worker.hasSentEverything();
  }

  private static double resent(TestWorker worker) {
    return worker
        .bean(io.micrometer.core.instrument.MeterRegistry.class)
        .counter("aiopslab.worker.runs.resent")
        .count();
  }

  private static void deleteEventsQueue(TestBroker broker) throws Exception {
    try (Connection connection = broker.connectionFactory().newConnection()) {
      connection.createChannel().queueDelete(Topology.EVENTS_QUEUE);
    }
  }

  /** As a collector stores them. */
  private static void store(TestWorker worker, List<RunEvent> events, long lines) {
    for (RunEvent event : events) {
      UUID task = event.taskId();
      if (event.body() instanceof Logged logged) {
        for (int i = 0; i < logged.lines().size() && logged.firstSeq() + i < lines; i++) {
          Logged.Line line = logged.lines().get(i);
          LogLine numbered =
              new LogLine(
                  logged.firstSeq() + i, line.ts(), line.level(), line.message(), line.context());
          worker.bean(TaskLogs.class).append(List.of(new TaskLogs.Entry(task, numbered)));
        }
      } else if (event.body() instanceof StepTaken taken) {
        worker.bean(TaskSteps.class).append(List.of(new TaskSteps.Entry(task, taken.step())));
      } else if (event.body() instanceof Finished finished) {
        UUID session = event.sessionId();
        worker
            .bean(TaskEndings.class)
            .finish(
                task, session, finished.status(), finished.failureCode(), finished.errorDetails());
        worker
            .bean(TaskResults.class)
            .record(task, session, event.seq(), event.at(), finished.result());
      }
    }
  }

  private static JdbcClient database(TestDatabase database) {
    return JdbcClient.create(database.dataSource());
  }

  private static String column(TestDatabase database, String sql) {
    return String.valueOf(database(database).sql(sql).query().singleValue());
  }
}
