package io.trainyard.store.file;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DatabaseMarker;
import io.trainyard.store.database.DatabaseIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Checks at start that the data folder belongs to the database. The files of another database are
 * orphans for this one and would be deleted. A folder without a marker, which is new or from an
 * earlier release, is adopted when the database names its files.
 */
@Component
@DependsOnDatabaseInitialization
final class FolderOwnership {
  private static final Logger log = LoggerFactory.getLogger(FolderOwnership.class);
  private static final List<String> FOLDERS = List.of("datasets", "weights", "checkpoints");
  private static final List<String> NAMES =
      List.of(
          "select count(*) from dataset_versions where digest in (:names)",
          "select count(*) from model_versions where weights_sha256 in (:names)",
          "select count(*) from checkpoints where sha256 in (:names)");
  private static final String HASH = "[0-9a-f]{64}";
  private static final int BATCH = 500;

  private final DataDirectory directory;
  private final JdbcClient jdbc;

  FolderOwnership(DataDirectory directory, JdbcClient jdbc) {
    this.directory = directory;
    this.jdbc = jdbc;
    check();
  }

  private void check() {
    DatabaseMarker marker = new DatabaseMarker(directory);
    DatabaseIdentity database = DatabaseIdentity.of(jdbc);
    Optional<String> owner = marker.read();
    if (owner.equals(Optional.of(database.id()))) {
      return;
    }
    if (directory.acceptDatabase()) {
      log.warn("The folder {} belongs to this database from now on", directory.dataDir());
    } else if (owner.isPresent()) {
      throw refusal("belongs to another database, " + owner.get());
    } else if (!isOwn(database)) {
      throw refusal("has files that this database does not name and that are older than it");
    }
    marker.write(database.id());
  }

  private StartRefusedException refusal(String reason) {
    return new StartRefusedException(
        "The folder %s %s; restore its database from a backup, name the right folder or database, or start with --trainyard.accept-database=true, which keeps these files"
            .formatted(directory.dataDir(), reason));
  }

  /** Whether the database names one of the files, or is older than all of them. */
  private boolean isOwn(DatabaseIdentity database) {
    List<Path> files = FOLDERS.stream().flatMap(folder -> files(folder).stream()).toList();
    for (int from = 0; from < files.size(); from += BATCH) {
      if (namesOneOf(files.subList(from, Math.min(from + BATCH, files.size())))) {
        return true;
      }
    }
    return files.stream().noneMatch(file -> isOlder(file, database));
  }

  private List<Path> files(String folder) {
    try (Stream<Path> found = Files.walk(directory.folder(folder))) {
      return found.filter(file -> name(file).matches(HASH)).filter(Files::isRegularFile).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new StartRefusedException(
          "The folder "
              + directory.dataDir().resolve(folder)
              + " cannot be read; make it readable for this user",
          e);
    }
  }

  /** The name without its suffix. */
  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private boolean namesOneOf(List<Path> files) {
    Set<String> names = files.stream().map(FolderOwnership::name).collect(Collectors.toSet());
    return NAMES.stream()
        .anyMatch(sql -> jdbc.sql(sql).param("names", names).query(Integer.class).single() > 0);
  }

  private static boolean isOlder(Path file, DatabaseIdentity database) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(database.createdAt());
    } catch (IOException e) {
      return false; // deleted by another process
    }
  }
}
