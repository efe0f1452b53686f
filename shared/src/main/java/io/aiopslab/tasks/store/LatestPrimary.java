package io.aiopslab.tasks.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an address names several servers, only the primary that was promoted last. Each promotion
 * begins a new timeline; a primary of an earlier one was replaced while it was away, and has come
 * back as if nothing had happened. The driver takes it, as it is no standby; it answers with what
 * was true once, and what is written there is lost. To stop it is the task of whoever promotes;
 * until that is done, services keep away from it.
 */
final class LatestPrimary {
  private static final Logger log = LoggerFactory.getLogger(LatestPrimary.class);
  private static final Pattern SEVERAL =
      Pattern.compile("(jdbc:postgresql://)([^/?]+,[^/?]+)(.*)", Pattern.DOTALL);

  /** The first eight digits of the name of the file that is being written are the timeline. */
  private static final String HISTORY =
      """
      SELECT system_identifier, CASE WHEN NOT pg_is_in_recovery()
        THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END
      FROM pg_control_system()
      """;

  /** As often as the driver, with its hostRecheckSeconds. */
  private static final Duration LOOK_AT_ALL_AGAIN = Duration.ofSeconds(10);

  private final String url;
  private final List<String> eachServer;
  private final Runnable promoted;
  private @Nullable History latest;
  private long lookedAtAll;

  /**
   * @param promoted told once a primary of a later timeline than before was found, so that
   *     connections to earlier ones can be given up
   */
  LatestPrimary(String url, Runnable promoted) {
    this.url = url;
    this.promoted = promoted;
    Matcher several = SEVERAL.matcher(url);
    this.eachServer =
        several.matches()
            ? Stream.of(several.group(2).split(","))
                .map(server -> several.group(1) + server + several.group(3))
                .toList()
            : List.of();
  }

  /** How the driver connects to an address. */
  @FunctionalInterface
  interface Driver {
    Connection connect(String url) throws SQLException;
  }

  /**
   * @throws SQLException if no server takes a connection, or only such as were replaced
   */
  Connection connect(Driver driver) throws SQLException {
    if (eachServer.isEmpty()) {
      return driver.connect(url);
    }
    if (isTimeToLookAtAll()) {
      return latestOfAll(driver);
    }
    Connection connection = driver.connect(url);
    return accept(connection) ? connection : latestOfAll(driver);
  }

  /** Connections are made anew when some were lost, which is when a server may have been, too. */
  private synchronized boolean isTimeToLookAtAll() {
    long now = System.nanoTime();
    if (latest == null || now - lookedAtAll > LOOK_AT_ALL_AGAIN.toNanos()) {
      lookedAtAll = now;
      return true;
    }
    return false;
  }

  /** Asks every server, as the first that answers need not be the right one. */
  private Connection latestOfAll(Driver driver) throws SQLException {
    List<SQLException> refused = new ArrayList<>();
    Connection best = null;
    for (String server : eachServer) {
      try {
        Connection connection = driver.connect(server);
        if (accept(connection)) {
          if (best != null) {
            best.close();
          }
          best = connection;
        }
      } catch (SQLException e) {
        refused.add(e);
      }
    }
    if (best != null) {
      return best;
    }
    SQLException none =
        refused.isEmpty()
            ? new SQLTransientConnectionException(
                "no primary at "
                    + url
                    + " but such as were replaced: see docs/high-availability.md")
            : refused.get(0);
    refused.stream().skip(1).forEach(none::addSuppressed);
    throw none;
  }

  /** Whether it leads to the latest primary that is known; otherwise it is closed. */
  private boolean accept(Connection connection) throws SQLException {
    try {
      History history = historyOf(connection);
      if (history == null || !isReplaced(history)) {
        return true;
      }
      log.error(
          "{} is an old primary that has come back: it is on timeline {}, {} was promoted since."
              + " It is not used; stop it, and make it a standby (docs/high-availability.md)",
          connection.getMetaData().getURL(),
          history.timeline(),
          latest());
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
    connection.close();
    return false;
  }

  private boolean isReplaced(History found) {
    boolean later;
    synchronized (this) {
      History known = latest;
      if (known != null && known.system().equals(found.system())) {
        if (found.timeline() < known.timeline()) {
          return true;
        }
        later = found.timeline() > known.timeline();
      } else {
        later = known != null;
      }
      latest = found;
    }
    if (later) {
      log.info("The database has a new primary, on timeline {}", found.timeline());
      promoted.run();
    }
    return false;
  }

  private synchronized @Nullable History latest() {
    return latest;
  }

  /** Null of a standby. */
  private static @Nullable History historyOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(HISTORY)) {
      row.next();
      String timeline = row.getString(2);
      return timeline == null
          ? null
          : new History(row.getString(1), Integer.parseUnsignedInt(timeline, 16));
    }
  }

  /**
   * @param system is the same on a primary and its standbys; a database that was restored into a
   *     new server has another
   */
  private record History(String system, int timeline) {}
}
