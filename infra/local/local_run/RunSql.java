import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Runs the SQL on its standard input: psql need not be installed. Arguments are the JDBC URL and
 * the user; the password is in the environment, as PGPASSWORD.
 */
final class RunSql {
  public static void main(String[] args) throws Exception {
    String sql = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    try (Connection connection =
            DriverManager.getConnection(args[0], args[1], System.getenv("PGPASSWORD"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
