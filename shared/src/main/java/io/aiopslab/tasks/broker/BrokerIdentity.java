package io.aiopslab.tasks.broker;

/**
 * As what a process appears in RabbitMQ's management UI.
 *
 * @param service its name, such as {@code task-worker}
 * @param version of its build
 * @param host that it runs on, or what an operator has called this instance
 * @param serves what it is there for, such as the names of its clusters; may be empty
 */
public record BrokerIdentity(String service, String version, String host, String serves) {
  private static final int LONGEST_NAME = 200;

  /**
   * {@code task-worker 0.1.0 @ host-1: worker-001-kind, worker-002-kind}; Spring puts {@code
   * .publisher} behind it for a connection that sends.
   */
  public String connectionName() {
    String name = "%s %s @ %s".formatted(service, version, host);
    return shortened(serves.isEmpty() ? name : name + ": " + serves);
  }

  /**
   * {@code result-collector@host-1/events}; unique within a channel.
   *
   * @param what is consumed
   */
  public String consumerTag(String what) {
    return shortened("%s@%s/%s".formatted(service, host, what));
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }
}
