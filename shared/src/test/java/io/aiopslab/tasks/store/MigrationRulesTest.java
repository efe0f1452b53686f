package io.aiopslab.tasks.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Migrations run while the service is used: the rules of {@code CONTRIBUTING.md}. Files before 031
 * are older than the rules.
 */
class MigrationRulesTest {
  private static final Path CHANGELOG = Path.of("src/main/resources/db/changelog");
  private static final String FIRST = "031";

  private static final Pattern CHANGESET = Pattern.compile("(?m)^--changeset .*$");
  private static final Pattern COMMENT = Pattern.compile("(?m)--.*$");
  private static final Pattern CREATED = Pattern.compile("create table (?:if not exists )?(\\w+)");

  /** Of a function nothing is looked at, as it runs later; of {@code DO} everything. */
  private static final Pattern BODY =
      Pattern.compile("(?s)(\\bdo )\\$\\$ *(?:begin)?(.*?)\\$\\$|\\$\\$.*?\\$\\$");

  private static final Pattern INDEXED =
      Pattern.compile("create (?:unique )?index (concurrently )?.*? on (\\w+)");

  @Test
  void everyChangesetKeepsTheRules() throws IOException {
    List<String> broken = new ArrayList<>();
    try (Stream<Path> files = Files.list(CHANGELOG)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".sql") && name.compareTo(FIRST) >= 0) {
          brokenIn(Files.readString(file)).forEach(rule -> broken.add(name + ": " + rule));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a           | CREATE INDEX i ON tasks (id)                               | index",
        "a           | CREATE TABLE t (id int); CREATE INDEX i ON t (id)          | ''",
        "a           | DROP INDEX i                                               | index",
        "a           | CREATE INDEX CONCURRENTLY i ON tasks (id)                  | runInTransaction",
        "a runInTransaction:false | DROP INDEX CONCURRENTLY i                     | lock_timeout",
        "a runInTransaction:false | SET lock_timeout = 0; DROP INDEX CONCURRENTLY i; SET lock_timeout = '1100ms' | ''",
        "a           | ALTER TABLE tasks ADD CHECK (id > 0)                       | NOT VALID",
        "a           | ALTER TABLE tasks ADD CONSTRAINT c CHECK (id > 0) NOT VALID | ''",
        "a           | ALTER TABLE tasks ADD CONSTRAINT c PRIMARY KEY USING INDEX i | ''",
        "a           | ALTER TABLE tasks ADD COLUMN a int CHECK (a > 0)           | NOT VALID",
        "a           | ALTER TABLE tasks ALTER COLUMN id TYPE bigint              | rewrites",
        "a           | ALTER TABLE tasks ADD COLUMN a uuid DEFAULT gen_random_uuid() | rewrites",
        "a           | ALTER TABLE tasks ADD COLUMN a int GENERATED ALWAYS AS (b) STORED | rewrites",
        "a           | ALTER TABLE tasks ADD COLUMN a bigserial                   | rewrites",
        "a           | ALTER TABLE tasks ADD COLUMN a timestamptz NOT NULL DEFAULT now() | ''",
        "a           | ALTER TABLE tasks ALTER COLUMN a SET NOT NULL              | every row",
        "a           | ALTER TABLE tasks VALIDATE CONSTRAINT c                    | ''",
        "a           | ALTER TABLE tasks ADD b int; ALTER TABLE tasks VALIDATE CONSTRAINT c | of its own",
        "a           | ALTER TABLE tasks DROP COLUMN a                            | older",
        "a           | ALTER TABLE tasks RENAME COLUMN a TO b                     | older",
        "a           | DROP TABLE tasks                                           | older",
        "a           | INSERT INTO a (b) SELECT id FROM tasks                     | pieces",
        "a           | INSERT INTO a (b) VALUES (1)                               | ''",
        "a           | DO $$ BEGIN UPDATE tasks SET priority = 1; END $$          | pieces",
        "a           | UPDATE tasks SET priority = 1                              | pieces",
        "a           | CREATE FUNCTION f() RETURNS int AS $$ UPDATE t SET a = 1 $$ | ''"
      })
  void aBrokenRuleIsNamed(String header, String sql, String named) {
    List<String> broken = brokenIn("--changeset x:" + header.strip() + "\n" + sql);
    assertThat(String.join(" ", broken)).contains(named);
    assertThat(broken.isEmpty()).isEqualTo(named.isEmpty());
  }

  private static List<String> brokenIn(String file) {
    List<String> broken = new ArrayList<>();
    Matcher header = CHANGESET.matcher(file);
    int begin = -1;
    String current = "";
    while (header.find()) {
      check(current, begin, header.start(), file, broken);
      current = header.group();
      begin = header.end();
    }
    check(current, begin, file.length(), file, broken);
    return broken;
  }

  private static void check(String header, int begin, int end, String file, List<String> broken) {
    if (begin < 0) {
      return;
    }
    String sql = COMMENT.matcher(file.substring(begin, end)).replaceAll("");
    String plain = BODY.matcher(sql.toLowerCase(Locale.ROOT)).replaceAll("$1$2");
    List<String> made = new ArrayList<>();
    for (String raw : Arrays.stream(plain.split(";")).toList()) {
      String one = raw.strip().replaceAll("\\s+", " ");
      Matcher created = CREATED.matcher(one);
      if (created.lookingAt()) {
        made.add(created.group(1));
      }
      Matcher indexed = INDEXED.matcher(one);
      if (indexed.lookingAt() && indexed.group(1) == null && !made.contains(indexed.group(2))) {
        broken.add("an index of a table that exists is made CONCURRENTLY: " + one);
      }
      if (one.startsWith("drop index") && !one.startsWith("drop index concurrently")) {
        broken.add("an index is dropped CONCURRENTLY: " + one);
      }
      boolean alters = one.startsWith("alter table");
      if (alters
          && one.matches(".* (check|references|foreign key|primary key|unique)\\b.*")
          && !one.endsWith("not valid")
          && !one.contains("using index")) {
        broken.add("a constraint is added NOT VALID and validated later, or USING INDEX: " + one);
      }
      if (alters && one.matches(".* alter (column )?\\w+ (set data )?type .*")) {
        broken.add("a new type rewrites the table: add a column beside it: " + one);
      }
      if (alters
          && one.matches(
              ".* add (column )?\\w+ .*(generated .*|serial\\b.*|default .*(random|nextval|clock_timestamp|uuid)\\w*\\(.*)")) {
        broken.add("a value of its own for each row rewrites the table: " + one);
      }
      if (alters && one.contains("set not null")) {
        broken.add("SET NOT NULL looks at every row while nobody may: a CHECK, NOT VALID: " + one);
      }
      if (one.startsWith("drop table") || (alters && one.matches(".* (drop column|rename) .*"))) {
        broken.add("older services still use it; it goes a release later: " + one);
      }
      if (one.matches("(do )?(update|delete|insert .* select) .*")) {
        broken.add("rows are changed in pieces, by the service: " + one);
      }
    }
    if (plain.contains("validate constraint") && plain.split("alter table").length > 2) {
      broken.add("VALIDATE keeps what was locked before it: give it a changeset of its own");
    }
    if (plain.contains("concurrently")) {
      if (!header.contains("runInTransaction:false")) {
        broken.add("CONCURRENTLY needs runInTransaction:false");
      }
      if (!plain.contains("set lock_timeout = 0")
          || !plain.contains("set lock_timeout = '1100ms'")) {
        broken.add(
            "CONCURRENTLY waits for others as long as it takes: set lock_timeout = 0, then '1100ms'");
      }
    }
  }
}
