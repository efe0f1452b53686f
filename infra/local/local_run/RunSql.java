import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Runs the SQL on its standard input, behind a first line with the password: psql need not be
 * installed. Arguments are the JDBC URL and the user.
 */
final class RunSql {
  public static void main(String[] args) throws Exception {
    String[] said =
        new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\n", 2);
    String sql = said[1];
    try (Connection connection = DriverManager.getConnection(args[0], args[1], said[0]);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
