package io.aiopslab.tasks.standalone;

import java.nio.file.Path;
import java.util.Set;

/** A JVM of its own that publishes and says what was confirmed, until a test kills it. */
final class HoldsABroker {
  private HoldsABroker() {}

  public static void main(String[] args) {
    EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]));
    try (BrokerClient client = new BrokerClient(broker)) {
      for (int batch = 0; ; batch++) {
        Set<String> confirmed = client.publish(BrokerClient.tickets("batch-" + batch, 50));
        confirmed.forEach(System.out::println);
      }
    }
  }
}
