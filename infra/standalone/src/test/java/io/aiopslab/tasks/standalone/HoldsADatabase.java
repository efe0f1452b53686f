package io.aiopslab.tasks.standalone;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A JVM of its own that a test can kill. */
final class HoldsADatabase {
  private HoldsADatabase() {}

  public static void main(String[] args) throws InterruptedException {
    EmbeddedDatabase database = EmbeddedDatabase.start(Path.of(args[0]));
    EmbeddedDatabaseIT.client(database).sql("CREATE TABLE kept AS SELECT 42 AS answer").update();
    System.out.println("ready");
    new CountDownLatch(1).await();
  }
}
