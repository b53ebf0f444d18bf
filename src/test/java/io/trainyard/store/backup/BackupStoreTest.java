package io.trainyard.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.backup.Backups;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.job.TestStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An archive of one database fills an empty one of either kind; a damaged one changes nothing. */
@Timeout(120)
class BackupStoreTest {
  private static final Clock CLOCK = Clock.systemUTC();
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

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
    return to.backups().restore(new ByteArrayInputStream(archive));
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
    key(fresh, "first-0", "gg", "read admin", null);
    key(fresh, "k", "hh", "read", null);
    restore(fresh, backup(without));
    assertThat(keys(fresh)).containsExactlyInAnyOrder("ee", "ff", "gg");
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
        .param("sha256", sha256)
        .param("scopes", scopes)
        .param("now", OffsetDateTime.parse("2026-01-02T03:04:05.678901Z"))
        .param("end", end)
        .update();
  }

  private static List<Object> keys(Installation in) {
    return rows(in, "access_keys").stream().map(row -> row.get("sha256")).toList();
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
        .hasMessageContaining("nothing was changed");
  }

  /** Somebody changes one entry of an archive, and its line in the manifest. */
  private static byte[] forged(byte[] archive, String entry, UnaryOperator<String> change)
      throws IOException {
    return forged(archive, entry, entry, change);
  }

  private static byte[] forged(
      byte[] archive, String entry, String renamed, UnaryOperator<String> change)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry next = zip.getNextEntry(); next != null; next = zip.getNextEntry()) {
        entries.put(next.getName(), zip.readAllBytes());
      }
    }
    ObjectNode manifest = MAPPER.createObjectNode();
    ArrayNode listed = manifest.putArray("entries");
    var out = new ByteArrayOutputStream();
    boolean found = false;
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : entries.keySet()) {
        byte[] bytes = entries.get(name);
        String now = name;
        if (name.startsWith(entry)) {
          found = true;
          now = renamed + name.substring(entry.length());
          bytes =
              change
                  .apply(new String(bytes, StandardCharsets.ISO_8859_1))
                  .getBytes(StandardCharsets.ISO_8859_1);
        }
        if (name.equals("manifest.json")) {
          bytes = MAPPER.writeValueAsBytes(manifest);
        } else {
          listed
              .addObject()
              .put("name", now)
              .put("bytes", bytes.length)
              .put("sha256", sha256(bytes));
        }
        zip.putNextEntry(new ZipEntry(now));
        zip.write(bytes);
        zip.closeEntry();
      }
    }
    assertThat(found).as(entry).isTrue();
    return out.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void forgedArchiveChangesNothing(TestDatabase kind) throws IOException {
    Installation old = install(TestDatabase.H2, "old");
    old.stores().version("m", 7);
    old.stores().rows("d", "a\n1\n");
    byte[] archive = backup(old);
    restore(install(kind, "same"), forged(archive, "files/", text -> text));
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
            refused(empty, forged(archive, entry, change));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    refused(empty, forged(archive, "tables/aliases", "tables/secrets", text -> text));
    refused(empty, forged(archive, "tables/aliases", "tables/flyway_schema_history", text -> text));
    refused(empty, forged(archive, "files/weights/", "files/weights/0", text -> text));
    refused(empty, forged(archive, "files/weights/", "files/weights/../../", text -> text));
    assertThat(rows(empty, "models")).isEmpty();
    assertThat(files(empty)).isEmpty();
    restore(empty, archive);
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
