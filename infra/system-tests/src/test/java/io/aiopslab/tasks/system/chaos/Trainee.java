package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.message.Json;
import io.aiopslab.tasks.system.chaos.Client.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One client: submits, cancels some, looks after the rest until they have ended. */
final class Trainee implements Callable<@Nullable Void> {
  /** So many of its tasks are open at most. */
  private static final int MOST_OPEN = 6;

  private static final int MOST_IN_A_BATCH = 6;

  private final Client client;
  private final Told told;
  private final CallbackReceiver receiver;
  private final String name;
  private final Random random;
  private final AtomicInteger left;
  private final AtomicInteger acknowledged;
  private final Deque<String> open = new ArrayDeque<>();
  private int requests;

  Trainee(
      Client client,
      Told told,
      CallbackReceiver receiver,
      String name,
      long seed,
      AtomicInteger left,
      AtomicInteger acknowledged) {
    this.client = client;
    this.told = told;
    this.receiver = receiver;
    this.name = name;
    this.random = new Random(seed);
    this.left = left;
    this.acknowledged = acknowledged;
  }

  @Override
  public @Nullable Void call() throws InterruptedException {
    for (int tasks = take(); tasks > 0; tasks = take()) {
      submit(tasks);
      if (random.nextInt(8) == 0) {
        cancel(open.getLast());
      }
      while (open.size() >= MOST_OPEN) {
        look();
      }
    }
    while (!open.isEmpty()) {
      look();
    }
    return null;
  }

  /** How many tasks to submit next; none when enough have been. */
  private int take() {
    int wish = random.nextInt(3) == 0 ? 2 + random.nextInt(MOST_IN_A_BATCH - 1) : 1;
    return Math.min(wish, left.getAndAdd(-wish));
  }

  private void submit(int tasks) throws InterruptedException {
    String key = name + "-" + requests++;
    told.asks(key, tasks);
    List<String> ids = new ArrayList<>();
    if (tasks == 1) {
      Answer answer = client.submit("", key, task(key).toString());
      ids.add(answer.body().path("id").asString());
    } else {
      ObjectNode body = Json.mapper().createObjectNode();
      ArrayNode batch = body.putArray("tasks");
      for (int i = 0; i < tasks; i++) {
        batch.add(task(key));
      }
      for (JsonNode task : client.submit("/batch", key, body.toString()).body().path("tasks")) {
        ids.add(task.path("id").asString());
      }
    }
    told.acknowledged(key, ids);
    open.addAll(ids);
    acknowledged.addAndGet(ids.size());
  }

  private ObjectNode task(String key) {
    ObjectNode task = Json.mapper().createObjectNode();
    task.put("problem_id", "chaos").put("backend_type", ChaosSystem.BACKEND);
    task.put("priority", random.nextInt(11)).put("timeout_minutes", 1);
    task.putObject("metadata").put("request", key);
    if (random.nextInt(3) == 0) {
      task.put("callback_url", receiver.url(random.nextInt(10) == 0 ? 99 : random.nextInt(2)));
    }
    boolean hangs = random.nextInt(60) == 0;
    ObjectNode config = task.putObject("agent_config");
    config.put("lines", 1 + random.nextInt(20));
    config.put("seconds", hangs ? 60.0 : random.nextDouble() * random.nextDouble());
    if (random.nextInt(12) == 0) {
      config.put("exit", 3);
    }
    if (random.nextInt(30) == 0) {
      config.put("child", true);
    }
    return task;
  }

  private void cancel(String id) throws InterruptedException {
    Answer answer = client.cancel(id);
    if (answer != null && answer.status() == 200) {
      told.saw(id, answer.body().path("status").asString());
    }
  }

  /** At the oldest open task, which then is the youngest unless it has ended. */
  private void look() throws InterruptedException {
    String id = open.removeFirst();
    Answer answer = client.look(id, "500ms");
    if (answer == null) {
      TimeUnit.MILLISECONDS.sleep(200);
    } else {
      String status = answer.body().path("status").asString();
      told.saw(id, status);
      if (Told.isTerminal(status)) {
        return;
      }
    }
    open.addLast(id);
  }
}
