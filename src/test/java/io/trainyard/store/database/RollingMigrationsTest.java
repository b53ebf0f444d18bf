package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * While replicas are upgraded one by one, the previous release works on the tables of the next one:
 * its statements name the columns that it knows, and insert no others. So a migration only adds;
 * what is no longer used goes a release later, and gets its line here then.
 */
@Tag("service")
class RollingMigrationsTest {
  private static final Path FOLDER = Path.of("src", "main", "resources", "db", "migration");
  private static final Pattern FILE = Pattern.compile("V(\\d+)__.*\\.sql");
  private static final int FIRST = 15;

  /** What each migration does, and why the release before it does not notice. */
  private static final Map<Integer, String> EXPANSIONS =
      Map.ofEntries(
          Map.entry(15, "adds tables for serving; without rows, versions are served as before"),
          Map.entry(16, "adds tables for access; the release before lets everyone in, as it did"),
          Map.entry(
              17,
              "adds tables for files in a shared store and for backups; only their users read"
                  + " them"),
          Map.entry(18, "adds a nullable column to jobs"),
          Map.entry(19, "adds a nullable column to idempotency_keys"),
          Map.entry(
              20,
              "adds columns to access_keys; the release before lets a bound key use all datasets"),
          Map.entry(
              21,
              "adds a nullable column to version_serving; the release before keeps it unloaded"),
          Map.entry(22, "adds a table of workers; those of the release before are not in it"),
          Map.entry(
              23, "adds columns with defaults, and tables for tags and measured values of jobs"),
          Map.entry(24, "adds columns to models; what the release before writes counts for nobody"),
          Map.entry(25, "adds a table of frames; the release before writes none"),
          Map.entry(
              26, "adds a table of promised aliases; the release before promises none for later"),
          Map.entry(
              27,
              "adds columns with defaults to models and alias_moves; what the release before"
                  + " publishes first gets no alias, and it lets no model with the alias go"));

  /** What the release before would notice. */
  private static final List<Pattern> CONTRACTIONS =
      Stream.of(
              "\\bdrop\\s+(table|column|constraint|view|sequence)\\b",
              "\\brename\\b",
              "\\balter\\s+column\\b",
              "\\badd\\s+(constraint|unique|primary|foreign|check)\\b",
              "\\b(delete\\s+from|truncate)\\b",
              "\\badd\\s+column\\b(?![^;]*\\bdefault\\b)[^;]*\\bnot\\s+null\\b")
          .map(Pattern::compile)
          .toList();

  @Test
  void migrationsOnlyAdd() throws IOException {
    Map<Integer, String> migrations = migrations();
    assertThat(migrations).isNotEmpty();
    migrations.forEach((number, sql) -> assertThat(contractions(sql)).as("V" + number).isEmpty());
  }

  @Test
  void everyMigrationSaysWhatItAdds() throws IOException {
    assertThat(EXPANSIONS.keySet()).containsAll(migrations().keySet());
  }

  @Test
  void contractionsAreFound() {
    for (String sql :
        List.of(
            "alter table jobs drop column threads;",
            "DROP TABLE jobs;",
            "alter table jobs rename to work;",
            "alter table jobs alter column model set not null;",
            "alter table jobs add column owner varchar(10) not null;",
            "alter table jobs\n  add constraint one unique (model);",
            "delete from jobs;")) {
      assertThat(contractions(sql)).as(sql).hasSize(1);
    }
    assertThat(
            contractions(
                """
                create table a (id int not null); -- drop table
                alter table jobs add column owner varchar(10);
                alter table jobs add column tries int default 0 not null;
                create index jobs_by_owner on jobs (owner);
                """))
        .isEmpty();
  }

  private static List<String> contractions(String sql) {
    String code = sql.replaceAll("--.*", "").toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    for (Pattern contraction : CONTRACTIONS) {
      contraction.matcher(code).results().forEach(match -> found.add(match.group()));
    }
    return found;
  }

  private static Map<Integer, String> migrations() throws IOException {
    Map<Integer, String> migrations = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        Matcher name = FILE.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && Integer.parseInt(name.group(1)) >= FIRST) {
          migrations.put(Integer.parseInt(name.group(1)), Files.readString(file));
        }
      }
    }
    return migrations;
  }
}
