package io.aiopslab.tasks.testing;

import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/** Where a database is reached, and as whom. */
record DatabaseAddress(String jdbcUrl, String username, String password) {
  private static final Pattern URL = Pattern.compile("(jdbc:postgresql://[^/]+/)([^?]*)(.*)");

  /** Takes user and password from the URL's parameters, where it has them. */
  static DatabaseAddress parse(String jdbcUrl, String username, String password) {
    Properties parsed = Driver.parseURL(jdbcUrl, new Properties());
    if (parsed == null) {
      throw new IllegalArgumentException("not a PostgreSQL address: " + jdbcUrl);
    }
    return new DatabaseAddress(
        jdbcUrl, parsed.getProperty("user", username), parsed.getProperty("password", password));
  }

  DatabaseAddress withDatabase(String name) {
    Matcher matcher = URL.matcher(jdbcUrl);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no host or no database in " + jdbcUrl);
    }
    String url = matcher.group(1) + name + matcher.group(3);
    return new DatabaseAddress(url, username, password);
  }

  DataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(jdbcUrl);
    source.setUser(username);
    source.setPassword(password);
    return source;
  }
}
