package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.message.Ticket;
import io.aiopslab.tasks.task.Task;
import io.aiopslab.tasks.task.TaskSpec;
import io.aiopslab.tasks.task.TaskStatus;
import io.aiopslab.tasks.task.TraceParent;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;
import tools.jackson.databind.node.ObjectNode;

class TaskSubmissionsIT {
  private final Store store = new Store();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void everythingDoneForATaskCanContinueItsTrace() {
    TraceParent trace =
        TraceParent.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    TaskSpec spec = Store.spec("traced", 5);
    UUID id = TaskSubmissions.nextId();
    assertThat(store.submissions.submit(id, spec, trace).trace()).isEqualTo(trace).isNotNull();
    assertThat(store.tickets.oldest("traced", 10)).containsExactly(Ticket.of(id, "traced", trace));
    assertThat(store.claims.claim("w", "traced", UUID.randomUUID()).orElseThrow().trace())
        .isEqualTo(trace);
    List<UUID> ids = List.of(TaskSubmissions.nextId(), TaskSubmissions.nextId());
    assertThat(store.submissions.submitAll(ids, List.of(spec, spec), trace))
        .extracting(Task::trace)
        .containsExactly(trace, trace);
    assertThat(store.submissions.submit(spec).trace()).isNull();
  }

  @Test
  void keepsWhatWasAskedFor() {
    ObjectNode config = Json.mapper().createObjectNode().put("model", "ünï 🚀 \\u0000");
    ObjectNode metadata = Json.mapper().createObjectNode().put("run", 7);
    TaskSpec spec =
        new TaskSpec(
            "p-1", "gpu", 10, 1000, 180, config, metadata, "https://example.org/hook", "ana");

    Task task = store.submissions.submit(spec);

    assertThat(task.spec()).isEqualTo(spec);
    assertThat(task.status()).isEqualTo(TaskStatus.PENDING);
    assertThat(task.run()).isNull();
    assertThat(task.publishedAt()).isNull();
    assertThat(store.task(task.id())).isEqualTo(task);
    assertThat(task.id().version()).isEqualTo(7);
  }

  @Test
  void idsSortInOrderOfSubmission() {
    List<UUID> ids = IntStream.range(0, 50).mapToObj(i -> store.pending().id()).toList();
    assertThat(store.sql.sql("SELECT id FROM tasks ORDER BY id").query(UUID.class).list())
        .isEqualTo(ids);
  }

  @Test
  void zeroCharactersInDocumentsBecomeReplacements() {
    ObjectNode config =
        Json.mapper().createObjectNode().put("a", "x\u0000\u0000y").put("b", "\\u0000 \\\u0000");
    TaskSpec spec =
        new TaskSpec("p", Store.BACKEND, 5, 1, 1, config, Json.mapper().createObjectNode(), null);
    assertThat(store.submissions.submit(spec).spec().agentConfig())
        .isEqualTo(
            Json.mapper()
                .createObjectNode()
                .put("a", "x\uFFFD\uFFFDy")
                .put("b", "\\u0000 \\\uFFFD"));
  }

  @Test
  void halfACharacterInDocumentsIsStoredAsSomething() {
    ObjectNode config = Json.mapper().createObjectNode().put("a", "half \ud83d").put("\udc00", 1);
    TaskSpec spec =
        new TaskSpec("p", Store.BACKEND, 5, 1, 1, config, Json.mapper().createObjectNode(), null);
    assertThat(store.submissions.submit(spec).spec().agentConfig().get("a").stringValue())
        .startsWith("half ");
  }

  @Test
  void schemaGuardsItself() {
    for (TaskSpec wrong :
        List.of(
            Store.spec("Not A Label", 5), Store.spec("default", 11), Store.spec("default", -1))) {
      assertThatThrownBy(() -> store.submissions.submit(wrong))
          .isInstanceOf(DataIntegrityViolationException.class);
    }
    assertThat(store.count("tasks")).isZero();
  }
}
