package io.aiopslab.tasks.standalone;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A JVM of its own that a test can kill, with 500 confirmed messages and one committed row. */
final class HoldsServers {
  private HoldsServers() {}

  public static void main(String[] args) throws InterruptedException {
    Path directory = Path.of(args[0]);
    EmbeddedDatabase database = EmbeddedDatabase.start(directory.resolve("postgres"));
    EmbeddedDatabaseIT.client(database).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
    EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"));
    System.out.println(
        "confirmed " + EmbeddedBrokerIT.publish(broker, EmbeddedBrokerIT.tickets(500)).size());
    new CountDownLatch(1).await();
  }
}
