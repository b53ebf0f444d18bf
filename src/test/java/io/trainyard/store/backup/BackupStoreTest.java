package io.trainyard.store.backup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.backup.Backups;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.ModelVersion;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.job.TestStores;
import io.trainyard.upgrade.KeptFolders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** An archive of one database fills an empty one of either kind; a damaged one changes nothing. */
@Timeout(120)
@Tag("service")
class BackupStoreTest {
  private static final Clock CLOCK = Clock.systemUTC();

  private static final String DATABASE = "data/database/trainyard.mv.db";

  @TempDir Path folder;
  private final List<Installation> installations = new ArrayList<>();

  /** A database, a data folder, and their backups. */
  private record Installation(
      TestDatabase.Opened database, Path data, TestStores stores, JdbcBackups backups) {}

  private Installation install(TestDatabase kind, String name) throws IOException {
    Path data = Files.createDirectories(folder.resolve(name));
    TestDatabase.Opened database = kind.available().open(data);
    JdbcClient jdbc = JdbcClient.create(database.source());
    RunningBackups running = new RunningBackups(jdbc, CLOCK);
    FileStores files = FileStores.local(new DataDirectory(data), running::any, CLOCK);
    Installation made =
        new Installation(
            database,
            data,
            new TestStores(database, data, files, CLOCK),
            new JdbcBackups(
                database.source(),
                jdbc,
                files,
                running,
                new Scratch(Files.createDirectories(data.resolve("tmp"))),
                CLOCK));
    installations.add(made);
    return made;
  }

  @AfterEach
  void close() {
    installations.forEach(each -> each.database().close());
  }

  private static byte[] backup(Installation from) throws IOException {
    var out = new ByteArrayOutputStream();
    try (Backups.Snapshot snapshot = from.backups().snapshot()) {
      snapshot.writeTo(out);
    }
    return out.toByteArray();
  }

  private static Backups.Contents restore(Installation to, byte[] archive) throws IOException {
    return to.backups().restore(new ByteArrayInputStream(archive), false);
  }

  private static List<Map<String, Object>> rows(Installation in, String table) {
    return JdbcClient.create(in.database().source())
        .sql("select * from " + table)
        .query()
        .listOfRows();
  }

  @ParameterizedTest
  @CsvSource({"H2, POSTGRESQL", "POSTGRESQL, H2", "H2, H2"})
  void everythingComesBackInEitherDatabase(TestDatabase from, TestDatabase to) throws IOException {
    Installation old = install(from, "old");
    DatasetVersion rows = old.stores().rows("d", "a,b\n1,x\n3,\"ü, '1\"\n");
    ModelVersion version = old.stores().version("m", 7);
    old.stores().version("m", 8);
    JdbcClient.create(old.database().source())
        .sql(
            "insert into scheduled_tasks (task_name, task_instance, task_data, execution_time,"
                + " picked, picked_by, version) values ('t', 'i', :data, :at, true, 'dead', 3)")
        .param("data", new byte[] {1, -2, 0})
        .param("at", OffsetDateTime.parse("2026-01-02T03:04:05.678901Z"))
        .update();
    byte[] archive = backup(old);

    Installation fresh = install(to, "fresh");
    Backups.Contents contents = restore(fresh, archive);

    assertThat(contents.rows())
        .containsEntry("model_versions", 2L)
        .containsEntry("dataset_versions", 1L)
        .doesNotContainKeys("flyway_schema_history", "database_identity");
    assertThat(contents.files()).isEqualTo(4);
    assertThat(fresh.stores().datasets.rows(rows, 0, 10, 1000)).hasSize(2);
    assertThat(fresh.stores().datasets.find("d", 1)).contains(rows);
    assertThat(fresh.stores().versions.find("m", 1).orElseThrow().spec()).isEqualTo(version.spec());
    try (var weights = fresh.stores().weights.open(version.weights())) {
      assertThat(weights.tensors()).isNotEmpty();
    }
    Map<String, Object> task = rows(fresh, "scheduled_tasks").getFirst();
    assertThat(task.get("task_data")).isEqualTo(new byte[] {1, -2, 0});
    assertThat(task).containsEntry("picked", false).containsEntry("picked_by", null);
    // The databases count on behind what was restored.
    assertThat(fresh.stores().version("m", 9).version()).isEqualTo(3);
    assertThat(fresh.stores().rows("d", "a,b\n5,y\n").version()).isEqualTo(2);
  }

  @Test
  void anArchiveThatHasAFileTwiceLeavesNothing() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().version("m", 8);
    byte[] archive = backup(old);
    List<String> weights =
        ForgedArchive.entries(archive).keySet().stream()
            .filter(name -> name.startsWith("files/weights/"))
            .toList();
    byte[] twice =
        new String(archive, StandardCharsets.ISO_8859_1)
            .replace(weights.getLast(), weights.getFirst())
            .getBytes(StandardCharsets.ISO_8859_1);

    Installation fresh = install(TestDatabase.H2, "fresh");
    assertThatThrownBy(() -> restore(fresh, twice))
        .hasMessageContaining("it has '" + weights.getFirst() + "' twice");
    try (Stream<Path> left = Files.walk(fresh.data().resolve("weights"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void nobodyIsLockedOutByTheKeysOfABackup(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    key(old, "first-0", "aa", "admin", null);
    key(old, "env-old", "bb", "admin", null);
    Installation chosen = install(kind, "chosen");
    key(chosen, "env-new", "cc", "admin", null);
    key(chosen, "first-0", "dd", "admin", null);
    restore(chosen, backup(old));
    assertThat(keys(chosen)).containsExactlyInAnyOrder("aa", "cc");

    Installation without = install(TestDatabase.H2, "without");
    key(without, "k", "ee", "read", null);
    key(without, "short", "ff", "admin", OffsetDateTime.parse("2099-01-02T03:04:05Z"));
    Installation fresh = install(kind, "fresh");
    key(fresh, "first-0", "1a", "read admin", null);
    key(fresh, "k", "2b", "read", null);
    restore(fresh, backup(without));
    assertThat(keys(fresh)).containsExactlyInAnyOrder("ee", "ff", "1a");
    Map<String, Object> kept =
        rows(fresh, "access_keys").stream()
            .filter(row -> "first-0".equals(row.get("id")))
            .findFirst()
            .orElseThrow();
    assertThat(kept).containsEntry("scopes", "read admin").containsEntry("models", null);
  }

  private static void key(
      Installation in, String id, String sha256, String scopes, @Nullable OffsetDateTime end) {
    JdbcClient.create(in.database().source())
        .sql(
            "insert into access_keys (id, name, prefix, sha256, scopes, created_by, created_at,"
                + " expires_at) values (:id, 'n', 'p', :sha256, :scopes, 'me', :now, :end)")
        .param("id", id)
        .param("sha256", sha256.repeat(32))
        .param("scopes", scopes)
        .param("now", OffsetDateTime.parse("2026-01-02T03:04:05.678901Z"))
        .param("end", end)
        .update();
  }

  private static List<String> keys(Installation in) {
    return rows(in, "access_keys").stream()
        .map(row -> requireNonNull(row.get("sha256")).toString().substring(62))
        .toList();
  }

  /** A backup has the hash of the operator's key, in a row that may do less. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void backupDoesNotDemoteTheOperator(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    key(old, "first-0", "aa", "admin", null);
    key(old, "demoted", "cc", "read", null);
    Installation chosen = install(kind, "chosen");
    key(chosen, "env-new", "cc", "admin", null);
    restore(chosen, backup(old));
    assertThat(rows(chosen, "access_keys"))
        .extracting(row -> row.get("id"), row -> row.get("scopes"))
        .containsExactlyInAnyOrder(tuple("first-0", "admin"), tuple("env-new", "admin"));
  }

  @Test
  void onlyAnEmptyInstallationIsFilled() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    byte[] archive = backup(old);
    assertThatThrownBy(() -> restore(old, archive))
        .matches(e -> ((ServiceException) e).code() == ErrorCode.ALREADY_EXISTS);
  }

  @Test
  void damagedArchiveChangesNothing() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    byte[] archive = backup(old);
    Installation fresh = install(TestDatabase.H2, "fresh");
    String text = new String(archive, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("manifest.json");
    for (int cut = 1; cut < end; cut += 1 + end / 15) {
      refused(fresh, Arrays.copyOf(archive, cut));
    }
    for (String place : List.of("PAR1", "\"dtype\"", "files/datasets", "tables/models.jsonl")) {
      byte[] flipped = archive.clone();
      flipped[text.indexOf(place) + 2] ^= 4;
      refused(fresh, flipped);
    }
    refused(fresh, new byte[0]);
    refused(fresh, "a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
    assertThat(rows(fresh, "models")).isEmpty();
    assertThat(files(fresh)).isEmpty();
    Backups.Contents whole = restore(fresh, archive);
    assertThat(whole.rows()).containsEntry("models", 1L);
  }

  /** One flipped bit must not cost all else. */
  @Test
  void damagedFileIsLeftOutOfABackup() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    ModelVersion damaged = old.stores().version("m", 7);
    old.stores().version("m", 8);
    DatasetVersion rows = old.stores().rows("d", "a\n1\n");
    Path file = stored(old, damaged.weights().sha256());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    Installation fresh = install(TestDatabase.H2, "fresh");
    Backups.Contents contents = restore(fresh, backup(old));

    assertThat(contents.rows()).containsEntry("model_versions", 2L);
    assertThat(contents.files()).isEqualTo(3);
    assertThat(fresh.stores().datasets.rows(rows, 0, 10, 1000)).hasSize(1);
  }

  private static Path stored(Installation in, String name) throws IOException {
    try (Stream<Path> all = Files.walk(in.data())) {
      return all.filter(file -> file.endsWith(name)).findFirst().orElseThrow();
    }
  }

  private static void refused(Installation fresh, byte[] archive) {
    assertThatThrownBy(() -> restore(fresh, archive))
        .isInstanceOf(ServiceException.class)
        .matches(e -> ((ServiceException) e).code() == ErrorCode.MALFORMED_BODY)
        .hasMessageContaining("nothing was changed")
        .hasMessageNotContaining("null");
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void forgedArchiveChangesNothing(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    byte[] archive = backup(old);
    restore(install(kind, "same"), ForgedArchive.of(archive, "files/", text -> text));
    Installation empty = install(kind, "empty");
    Map<String, UnaryOperator<String>> changes = new LinkedHashMap<>();
    changes.put("files/weights/", text -> text + "x");
    changes.put("files/datasets/", text -> "y" + text.substring(1));
    changes.put("tables/models.jsonl", text -> text.replace("\"name\"", "\"nom\""));
    changes.put("tables/datasets.jsonl", text -> text + text);
    changes.put(
        "tables/dataset_versions.jsonl",
        text -> text.replace("\"version\":1", "\"version\":\"one\""));
    changes.put(
        "tables/model_versions.jsonl",
        text -> text.replaceAll("\"created_at\":\"[^\"]*\"", "\"created_at\":\"today\""));
    changes.put("tables/aliases.jsonl", text -> "{\"model\":\"nobody\"}\n" + text);
    changes.put("tables/audit_entries.jsonl", text -> "{\"a\":{\"deep\":[1]}}\n" + text);
    changes.put("tables/access_keys.jsonl", text -> "7\n" + text);
    changes.forEach(
        (entry, change) -> {
          try {
            refused(empty, ForgedArchive.of(archive, entry, change));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    refused(empty, ForgedArchive.of(archive, "tables/aliases", "tables/secrets", text -> text));
    refused(
        empty,
        ForgedArchive.of(archive, "tables/aliases", "tables/flyway_schema_history", text -> text));
    refused(empty, ForgedArchive.of(archive, "files/weights/", "files/weights/0", text -> text));
    refused(
        empty, ForgedArchive.of(archive, "files/weights/", "files/weights/../../", text -> text));
    assertThat(rows(empty, "models")).isEmpty();
    assertThat(files(empty)).isEmpty();
    restore(empty, archive);
  }

  /** A value that the service never writes. */
  private record Wrong(String table, String before, String after, String column, String expected) {
    /** Strings in a document, which is a string itself, have their quotes escaped. */
    String in(String row) {
      String quote = row.contains(before.replace("'", "\"")) ? "\"" : "\\\"";
      String from = before.replace("'", quote);
      assertThat(row).contains(from);
      return row.replace(from, after.replace("'", quote));
    }
  }

  private static final List<Wrong> WRONG =
      List.of(
          new Wrong("models", "'name':'m'", "'name':'../../UP per'", "name", "a model name"),
          new Wrong("models", "'revision':1", "'revision':-1", "revision", "from 1 to"),
          new Wrong("models", "'next_version':2", "'next_version':1.5", "next_version", "whole"),
          new Wrong("models", "'next_version':2", "'next_version':4e9", "next_version", "whole"),
          new Wrong(
              "models", "'next_version':2", "'next_version':3000000000", "next_version", "214748"),
          new Wrong("models", "'next_version':2", "'next_version':null", "next_version", "a value"),
          new Wrong("models", "'name':'m',", "", "name", "a value"),
          new Wrong("model_versions", "'dense", "'dance", "spec", "a model object"),
          new Wrong("model_versions", "'metrics':'{}'", "'metrics':'[]'", "metrics", "no object"),
          new Wrong(
              "model_versions", "'weights_bytes':", "'weights_bytes':-", "weights_bytes", "0"),
          new Wrong("model_versions", "'model_id':1", "'model_id':77", "model_id", "models.jsonl"),
          new Wrong(
              "models",
              "'next_version':2",
              "'next_version':1073741824",
              "next_version",
              "from 1 to 1073741823"),
          new Wrong("jobs", "'dataset':{", "'datasets':{", "request", "it has no dataset"),
          new Wrong("jobs", "'kind':'training'", "'kind':'prediction'", "request", "its version"),
          new Wrong("access_keys", "'sha256':'ab", "'sha256':'zz", "sha256", "64 digits"),
          new Wrong(
              "datasets", "'last_version':1", "'last_version':0", "last_version", "from 1 to"),
          new Wrong("dataset_versions", "'rows':1", "'rows':-1", "document", "of a dataset"),
          new Wrong("dataset_versions", "'integer", "'intruder", "document", "of a dataset"),
          new Wrong("dataset_versions", "'digest':'", "'digest':' ", "digest", "64"),
          new Wrong("dataset_versions", "'document':'{", "'document':'{{", "document", "dataset"),
          new Wrong("dataset_seals", "'crc32c':", "'crc32c':-1", "crc32c", "from 0 to"));

  /** Each is named with its place, what was expected and the way out. */
  @Test
  void valuesThatTheServiceNeverWritesAreRefused() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    key(old, "k", "ab", "read", null);
    submit(old);
    byte[] archive = backup(old);
    Installation empty = install(TestDatabase.H2, "empty");
    for (Wrong wrong : WRONG) {
      byte[] forged =
          ForgedArchive.of(archive, "tables/" + wrong.table() + ".jsonl", text -> wrong.in(text));
      assertThatThrownBy(() -> restore(empty, forged))
          .as(wrong.toString())
          .matches(e -> ((ServiceException) e).code() == ErrorCode.MALFORMED_BODY)
          .hasMessageContainingAll(
              "row 1 of tables/" + wrong.table() + ".jsonl",
              "column '" + wrong.column() + "'",
              wrong.expected(),
              "correct it where the backup was made",
              "nothing was changed");
    }
    assertThat(rows(empty, "models")).isEmpty();
    assertThat(files(empty)).isEmpty();
  }

  /** A job that waits for its worker. */
  private static String submit(Installation in) {
    Job job =
        TestJobs.queued(
            new TrainingTask(
                "m",
                in.stores().versions.find("m", 1).orElseThrow().spec(),
                Json.read("{\"model\":\"m\",\"dataset\":{\"name\":\"d\",\"version\":1}}"),
                new Task.DatasetReference("d", 1),
                new Task.Placement("cpu", 0),
                List.of()));
    in.stores().jobs.submit(job, null);
    return job.id();
  }

  @Test
  void countersBehindWhatTheyHaveCountedAreRefused() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().version("m", 8);
    old.stores().rows("d", "a\n1\n");
    old.stores().rows("d", "a\n2\n");
    byte[] archive = backup(old);
    Installation empty = install(TestDatabase.H2, "empty");
    Map.of("models", "next_version\":3", "datasets", "last_version\":2")
        .forEach(
            (table, counter) ->
                assertThatThrownBy(
                        () ->
                            restore(
                                empty,
                                ForgedArchive.of(
                                    archive,
                                    "tables/" + table + ".jsonl",
                                    text -> {
                                      int end = counter.length() - 1;
                                      assertThat(text).contains(counter);
                                      return text.replace(
                                          counter,
                                          counter.substring(0, end)
                                              + (counter.charAt(end) - '0' - 1));
                                    })))
                    .as(table)
                    .matches(e -> ((ServiceException) e).code() == ErrorCode.MALFORMED_BODY)
                    .hasMessageContainingAll(
                        "in tables/" + table + ".jsonl", "versions of the", "nothing was changed"));
    assertThat(rows(empty, "models")).isEmpty();
    restore(empty, archive);
  }

  /** Else nobody could delete what is held, and no worker would take the job. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void holdsOfNobodyAndUnknownQueuesAreLeftOut(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    ModelVersion version = old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    String job = submit(old);
    JdbcClient jdbc = JdbcClient.create(old.database().source());
    for (String holder : List.of("model/x", "model/99", "nobody")) {
      jdbc.sql("insert into version_holds (holder, version_id) values (:holder, :version)")
          .param("holder", holder)
          .param("version", version.id())
          .update();
      jdbc.sql("insert into dataset_holds (holder, name, version) values (:holder, 'd', 1)")
          .param("holder", holder)
          .update();
    }
    jdbc.sql("update scheduled_tasks set task_name = 'job-elsewhere'").update();

    Installation fresh = install(kind, "fresh");
    restore(fresh, backup(old));

    assertThat(rows(fresh, "version_holds")).isEmpty();
    for (String table : List.of("dataset_holds", "model_holds")) {
      assertThat(rows(fresh, table))
          .as(table)
          .extracting(row -> row.get("holder"))
          .containsOnly(job);
    }
    assertThat(rows(fresh, "scheduled_tasks")).isEmpty();
  }

  /** Not even those that lost their place, or that were paused when the backup was made. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void pausedJobsWaitUntilTheyAreResumed(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    String placed = submit(old);
    String lost = submit(old);
    JdbcClient.create(old.database().source())
        .sql("delete from scheduled_tasks where task_instance = :id")
        .param("id", lost)
        .update();
    Installation fresh = install(kind, "fresh");
    fresh.backups().restore(new ByteArrayInputStream(backup(old)), true);
    assertThat(rows(fresh, "scheduled_tasks"))
        .hasSize(2)
        .allMatch(row -> "paused-job-cpu".equals(row.get("task_name")));

    Installation next = install(TestDatabase.H2, "next");
    restore(next, backup(fresh));
    JdbcClient.create(next.database().source())
        .sql("update jobs set state = 'cancelled' where id = :id")
        .param("id", placed)
        .update();
    assertThat(next.stores().resumeJobs()).as("one was cancelled while it was held").isOne();
    assertThat(rows(next, "scheduled_tasks"))
        .hasSize(2)
        .allMatch(row -> "job-cpu".equals(row.get("task_name")));

    assertThat(fresh.stores().resumeJobs()).isEqualTo(2);
    assertThat(rows(fresh, "scheduled_tasks"))
        .hasSize(2)
        .allMatch(row -> "job-cpu".equals(row.get("task_name")))
        .extracting(row -> row.get("task_instance"))
        .containsExactlyInAnyOrder(placed, lost);
    assertThat(fresh.stores().resumeJobs()).as("nothing is paused any more").isZero();
  }

  @Test
  void headThatIsWrongIsRefused() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    byte[] archive = backup(old);
    Installation empty = install(TestDatabase.H2, "empty");
    Map.of(
            "\"schema_version\":[0-9]+", "\"schema_version\":-5",
            "\"format_version\":1", "\"format_version\":\"1\"",
            "\"created_at\":\"[^\"]+", "\"created_at\":\"today",
            "\"models\":1", "\"models\":2")
        .forEach(
            (before, after) -> {
              try {
                byte[] forged =
                    ForgedArchive.of(
                        archive, "backup.json", text -> text.replaceAll(before, after));
                assertThatThrownBy(() -> restore(empty, forged))
                    .matches(e -> ((ServiceException) e).code() == ErrorCode.MALFORMED_BODY)
                    .hasMessageContainingAll("backup.json", before.substring(1, 6));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** What earlier releases wrote keeps the rules. */
  @Test
  void rowsOfEarlierReleasesAreRestored() throws Exception {
    for (Path file : KeptFolders.sample()) {
      String name = file.getFileName().toString();
      Path database = folder.resolve(name + ".db");
      try (ZipFile zip = new ZipFile(file.toFile());
          InputStream in = zip.getInputStream(zip.getEntry(DATABASE))) {
        Files.copy(in, Path.of(database + ".mv.db"));
      }
      var source = new DriverManagerDataSource("jdbc:h2:file:" + database, "sa", "");
      Flyway.configure().dataSource(source).locations("classpath:db/migration").load().migrate();
      Installation fresh = install(TestDatabase.H2, name);
      JdbcClient jdbc = JdbcClient.create(source);
      JdbcBackups earlier =
          new JdbcBackups(
              source,
              jdbc,
              FileStores.local(new DataDirectory(fresh.data()), () -> false, CLOCK),
              new RunningBackups(jdbc, CLOCK),
              new Scratch(fresh.data().resolve("tmp")),
              CLOCK);
      var out = new ByteArrayOutputStream();
      try (Backups.Snapshot snapshot = earlier.snapshot()) {
        snapshot.writeTo(out);
      }
      long jobs = jdbc.sql("select count(*) from jobs").query(Long.class).single();
      assertThat(jobs).as(name).isGreaterThanOrEqualTo(5);
      assertThat(restore(fresh, out.toByteArray()).rows()).as(name).containsEntry("jobs", jobs);
    }
  }

  /** A new column needs a rule, if only that it may hold anything. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void everyColumnHasARule(TestDatabase kind) throws Exception {
    Installation any = install(kind, "any");
    try (Connection connection = any.database().source().getConnection()) {
      for (Table table : Table.all(connection)) {
        assertThat(requireNonNull(RowCheck.RULES.get(table.name()), table.name()).columns())
            .as(table.name())
            .isEqualTo(table.columns().keySet());
      }
    }
  }

  /** The second one waits for nothing: it could not know whether the first one fails. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void ofTwoRestoresAtOnceOneIsRefused(TestDatabase kind) throws Exception {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    byte[] archive = backup(old);
    Installation fresh = install(kind, "fresh");
    AtomicReference<Throwable> second = new AtomicReference<>();
    Backups.Contents first =
        fresh
            .backups()
            .restore(
                new ByteArrayInputStream(archive) {
                  @Override
                  public synchronized int read(byte[] into, int from, int count) {
                    if (second.get() == null) {
                      second.set(thrownElsewhere(() -> restore(fresh, archive)));
                    }
                    return super.read(into, from, count);
                  }
                },
                false);
    assertThat(first.rows()).containsEntry("models", 1L);
    assertThat(second.get())
        .isInstanceOf(ServiceException.class)
        .matches(e -> ((ServiceException) e).code().family() == ErrorCode.Family.CONFLICT);
    assertThatThrownBy(() -> restore(fresh, archive))
        .matches(e -> ((ServiceException) e).code() == ErrorCode.ALREADY_EXISTS);
  }

  private static @Nullable Throwable thrownElsewhere(ThrowingCallable task) {
    AtomicReference<@Nullable Throwable> thrown =
        new AtomicReference<>(new AssertionError("nothing"));
    Thread other = Thread.ofVirtual().start(() -> thrown.set(catchThrowable(task)));
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return thrown.get();
  }

  /** Another process restores the same archive, or a caller adds a model of the same name. */
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void rowsThatOthersAddMeanwhileMakeItAConflict(TestDatabase kind) throws Exception {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    byte[] archive = backup(old);
    Installation fresh = install(kind, "fresh");
    assertThatThrownBy(
            () ->
                fresh
                    .backups()
                    .restore(
                        new ByteArrayInputStream(archive) {
                          private boolean added;

                          @Override
                          public synchronized int read(byte[] into, int from, int count) {
                            if (!added) {
                              added = true;
                              fresh.stores().version("m", 9);
                            }
                            return super.read(into, from, count);
                          }
                        },
                        false))
        .matches(e -> ((ServiceException) e).code() == ErrorCode.ALREADY_EXISTS);
    assertThat(fresh.stores().versions.find("m", 1)).isPresent();
  }

  /** What can be written can be read. */
  @Test
  void tooManyEntriesAreRefusedWhenTheBackupIsMade() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    int tables = rows(old, "information_schema.tables where table_schema = 'PUBLIC'").size();
    old.stores().version("m", 7);
    old.stores().version("m", 8);
    old.stores().rows("d", "a\n1\n"); // without rejects
    Backups.Contents whole = restore(install(TestDatabase.H2, "whole"), backup(old));
    int entries = whole.rows().size() + (int) whole.files() + 1;
    assertThat(entries).isLessThanOrEqualTo(tables + 1 + files(old).size());
    byte[] archive = backup(bounded(old, entries));
    restore(bounded(install(TestDatabase.H2, "same"), entries), archive);
    assertThatThrownBy(() -> backup(bounded(old, entries - 1)))
        .isInstanceOf(ServiceException.class)
        .hasMessageContainingAll(entries + " entries", "copy its data folder");
    assertThatThrownBy(
            () -> restore(bounded(install(TestDatabase.H2, "small"), entries - 1), archive))
        .hasMessageContaining("more than " + (entries - 1) + " entries");
  }

  private static Installation bounded(Installation in, int entries) throws IOException {
    JdbcClient jdbc = JdbcClient.create(in.database().source());
    RunningBackups running = new RunningBackups(jdbc, CLOCK);
    return new Installation(
        in.database(),
        in.data(),
        in.stores(),
        new JdbcBackups(
            in.database().source(),
            jdbc,
            FileStores.local(new DataDirectory(in.data()), running::any, CLOCK),
            running,
            new Scratch(in.data().resolve("tmp")),
            CLOCK,
            entries));
  }

  private static List<Path> files(Installation in) throws IOException {
    List<Path> all = new ArrayList<>();
    for (String kind : FileStores.KINDS) {
      try (Stream<Path> found = Files.walk(in.data().resolve(kind))) {
        found
            .filter(Files::isRegularFile)
            .filter(file -> !file.toString().contains("/tmp/"))
            .forEach(all::add);
      }
    }
    return all;
  }

  @Test
  void versionsThatAreDeletedDuringABackupAreInIt() throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    ModelVersion version = old.stores().version("m", 7);
    var out = new ByteArrayOutputStream();
    try (Backups.Snapshot snapshot = old.backups().snapshot()) {
      old.stores().versions.delete("m", version.version());
      old.stores().weights.deleteOrphans();
      old.stores().version("later", 1);
      snapshot.writeTo(out);
    }
    Installation fresh = install(TestDatabase.H2, "fresh");
    restore(fresh, out.toByteArray());
    assertThat(fresh.stores().versions.find("m", 1)).isPresent();
    assertThat(rows(fresh, "models")).hasSize(1);
  }
}
