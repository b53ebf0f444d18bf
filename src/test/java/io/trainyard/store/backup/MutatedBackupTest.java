package io.trainyard.store.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.attack.MutatedFile;
import io.trainyard.backup.Backups;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.job.TestStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Backups that somebody has changed. A restore answers a problem and changes nothing, or it
 * restores all that the archive says.
 */
@Timeout(300)
@Tag("service")
class MutatedBackupTest {
  private static final Clock CLOCK = Clock.systemUTC();
  private static final int ALL = 300;
  private static final int SAMPLE = 20;

  @TempDir private Path folder;
  private TestDatabase.Opened from;
  private TestDatabase.Opened to;
  private JdbcClient target;
  private JdbcBackups backups;
  private byte[] archive;
  private Map<String, byte[]> entries;

  private static JdbcBackups backups(TestDatabase.Opened database, Path data) throws IOException {
    JdbcClient jdbc = JdbcClient.create(database.source());
    RunningBackups running = new RunningBackups(jdbc, CLOCK);
    return new JdbcBackups(
        database.source(),
        jdbc,
        FileStores.local(new DataDirectory(data), running::any, CLOCK),
        running,
        new Scratch(Files.createDirectories(data.resolve("tmp"))),
        CLOCK);
  }

  @BeforeEach
  void save() throws IOException {
    Path old = Files.createDirectories(folder.resolve("old"));
    from = TestDatabase.H2.open(old);
    JdbcClient jdbc = JdbcClient.create(from.source());
    FileStores files = FileStores.local(new DataDirectory(old), () -> false, CLOCK);
    TestStores stores = new TestStores(from, old, files, CLOCK);
    stores.version("m", 7);
    stores.version("m", 8);
    stores.rows("d", "a,b\n1,x\n3,\"ü, '1\"\n");
    stores.jobs.submit(
        TestJobs.queued(
            new TrainingTask(
                "m",
                stores.versions.find("m", 1).orElseThrow().spec(),
                Json.read("{\"model\":\"m\",\"dataset\":{\"name\":\"d\",\"version\":1}}"),
                new Task.DatasetReference("d", 1),
                new Task.Placement("cpu", 0),
                List.of())),
        null);
    jdbc.sql(
            "insert into access_keys (id, name, prefix, sha256, scopes, created_by, created_at)"
                + " values ('k', 'n', 'p', :sha256, 'read', 'me', :now)")
        .param("sha256", "ab".repeat(32))
        .param("now", OffsetDateTime.parse("2026-01-02T03:04:05.678901Z"))
        .update();
    var out = new ByteArrayOutputStream();
    try (Backups.Snapshot snapshot = backups(from, old).snapshot()) {
      snapshot.writeTo(out);
    }
    archive = out.toByteArray();
    entries = ForgedArchive.entries(archive);
    entries.values().removeIf(bytes -> bytes.length == 0);
    Path fresh = Files.createDirectories(folder.resolve("fresh"));
    to = TestDatabase.H2.open(fresh);
    target = JdbcClient.create(to.source());
    backups = backups(to, fresh);
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  @Test
  void aChangedBackupIsRefusedOrRestoredAsAWhole() throws IOException {
    long seed = Long.getLong("attack.seed", 27);
    Random random = new Random(seed);
    List<String> names = List.copyOf(entries.keySet());
    Map<String, Integer> outcomes = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    int count = Cases.all() ? ALL : SAMPLE;
    for (int i = 0; i < count; i++) {
      String entry = names.get(i % names.size());
      boolean fits = random.nextInt(4) > 0;
      byte[] changed = changed(entry, fits, random);
      String outcome =
          outcome(changed, faults, "%s, mutation %d of seed %d".formatted(entry, i, seed));
      outcomes.merge(outcome, 1, Integer::sum);
    }
    assertThat(faults).isEmpty();
    assertThat(outcomes).containsKeys("refused");
    assertThat(backups.restore(new ByteArrayInputStream(archive), false).rows())
        .containsEntry("model_versions", 2L);
  }

  /**
   * Changes one entry.
   *
   * @param fits whether the manifest fits the changed bytes
   */
  private byte[] changed(String entry, boolean fits, Random random) throws IOException {
    if (!fits) {
      return MutatedFile.of(archive, random);
    }
    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
    changed.put(entry, MutatedFile.of(Objects.requireNonNull(entries.get(entry)), random));
    return ForgedArchive.write(changed);
  }

  private String outcome(byte[] changed, List<String> faults, String what) throws IOException {
    try {
      Backups.Contents contents = backups.restore(new ByteArrayInputStream(changed), false);
      contents
          .rows()
          .forEach(
              (table, rows) -> {
                if (count(table) < rows) {
                  faults.add(what + ": half of " + table);
                }
              });
      clear();
      return "restored";
    } catch (ServiceException e) {
      if (e.code().family() == ErrorCode.Family.INTERNAL || e.detail().endsWith("null")) {
        faults.add(what + ": " + e.code() + " " + e.getMessage());
      }
    } catch (IOException | RuntimeException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      faults.add(what + ": " + trace);
    }
    for (String table : List.of("models", "model_versions", "datasets", "jobs", "access_keys")) {
      if (count(table) > 0) {
        faults.add(what + ": refused, and yet there are rows in " + table);
      }
    }
    List<Path> left = files();
    if (!left.isEmpty()) {
      faults.add(what + ": refused, and yet there is " + left);
      clear();
    }
    return "refused";
  }

  private long count(String table) {
    return target.sql("select count(*) from " + table).query(Long.class).single();
  }

  /** Makes the installation empty again. */
  private void clear() throws IOException {
    target.sql("set referential_integrity false").update();
    for (String table :
        target
            .sql(
                "select table_name from information_schema.tables where table_schema = 'PUBLIC'"
                    + " and table_name not in ('flyway_schema_history', 'DATABASE_IDENTITY')")
            .query(String.class)
            .list()) {
      if (!table.equalsIgnoreCase("database_identity")) {
        target.sql("delete from \"" + table + "\"").update();
      }
    }
    target.sql("set referential_integrity true").update();
    for (Path file : files()) {
      Files.delete(file);
    }
  }

  private List<Path> files() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String kind : FileStores.KINDS) {
      Path stored = folder.resolve("fresh").resolve(kind);
      if (Files.exists(stored)) {
        try (Stream<Path> found = Files.walk(stored)) {
          found.filter(Files::isRegularFile).forEach(all::add);
        }
      }
    }
    return all;
  }
}
