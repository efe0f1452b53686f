package io.aiopslab.tasks.system.chaos;

import io.aiopslab.tasks.system.ServiceEnvironment;
import io.aiopslab.tasks.testing.PrivateBroker;
import io.aiopslab.tasks.testing.PrivateDatabase;
import io.aiopslab.tasks.testing.TestBroker;
import io.aiopslab.tasks.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** One server of each kind, and wires to them that can be cut, a pair for each service. */
final class SingleServers implements Servers {
  private final PrivateBroker broker = TestBroker.startPrivate();
  private final PrivateDatabase database = TestDatabase.startPrivate();
  private final List<Wires> wires = new ArrayList<>();

  @Override
  public Map<String, String> settings(String module) {
    Wires own = new Wires(database, broker);
    wires.add(own);
    Map<String, String> settings = ServiceEnvironment.servers(database, broker);
    settings.putAll(own.environment());
    return settings;
  }

  /** One for each service, in their order. */
  List<Wires> wires() {
    return List.copyOf(wires);
  }

  @Override
  public PrivateBroker broker() {
    return broker;
  }

  PrivateDatabase server() {
    return database;
  }

  @Override
  public DataSource database() {
    return database.dataSource();
  }

  @Override
  public void close() {
    wires.forEach(Wires::close);
    broker.close();
    database.close();
  }
}
