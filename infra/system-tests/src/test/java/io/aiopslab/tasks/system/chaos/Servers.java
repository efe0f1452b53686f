package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.testing.TestBroker;
import java.util.Map;
import javax.sql.DataSource;

/** The broker and the database of a system under faults. */
interface Servers extends AutoCloseable {
  /**
   * The environment by which one more service finds them.
   *
   * @param module its directory, such as {@code task-api}
   */
  Map<String, String> settings(String module);

  /** Past the services, for whoever looks into queues. */
  TestBroker broker();

  /** Likewise. */
  DataSource database();

  @Override
  void close();
}
