package io.aiopslab.tasks.broker;

import com.rabbitmq.client.BuiltinExchangeType;
import java.util.UUID;

/**
 * Every name on the broker. Exchanges and queues are durable and plain: dead-lettering, limits and
 * queue types come from policies, which an operator can change without a deployment.
 */
public final class Topology {
  /** Tickets: one queue per backend, shared by all its workers. */
  public static final Exchange TASKS = new Exchange("aiopslab.tasks", BuiltinExchangeType.DIRECT);

  /** Commands: one queue per Kind cluster, read by its worker alone. */
  public static final Exchange CLUSTERS =
      new Exchange("aiopslab.clusters", BuiltinExchangeType.DIRECT);

  /** What happens in runs and workers: read by the collectors. */
  public static final Exchange EVENTS = new Exchange("aiopslab.events", BuiltinExchangeType.TOPIC);

  /** Answers to steps of sessions: each goes to the queue that the step named, by its name. */
  public static final Exchange ANSWERS =
      new Exchange("aiopslab.answers", BuiltinExchangeType.DIRECT);

  /** Collectors compete for this queue. */
  public static final String EVENTS_QUEUE = "events.collector.0";

  /** Binds {@link #EVENTS_QUEUE}: whatever happens in any run. */
  public static final String TASK_EVENTS_PATTERN = "task.#";

  /**
   * Begins the name of every queue for answers, which one process of the API declares for itself
   * alone: the only queues that are not durable, gone with its connection.
   */
  public static final String REPLIES = "replies.api.";

  private Topology() {}

  public record Exchange(String name, BuiltinExchangeType type) {}

  /** Where tickets for a backend wait. */
  public static String ticketQueue(String backendType) {
    return "tasks.backend." + backendType;
  }

  public static Route tickets(String backendType) {
    String key = "backend." + backendType;
    return new Route(TASKS, key, ticketQueue(backendType), key);
  }

  /** Where commands to the worker of a Kind cluster wait. */
  public static String commandQueue(String cluster) {
    return "tasks.cluster." + cluster;
  }

  public static Route commands(String cluster) {
    String key = "cluster." + cluster;
    return new Route(CLUSTERS, key, commandQueue(cluster), key);
  }

  /**
   * @param kind what happened: {@code started}, {@code logs}, …
   */
  public static Route taskEvents(String kind, UUID taskId) {
    return new Route(EVENTS, "task." + kind + "." + taskId, EVENTS_QUEUE, TASK_EVENTS_PATTERN);
  }
}
