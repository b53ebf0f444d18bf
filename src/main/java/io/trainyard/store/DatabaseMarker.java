package io.trainyard.store;

import io.trainyard.error.StartRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file in the data folder with the id of the database that names the folder's files. */
public final class DatabaseMarker {
  private final Path file;

  public DatabaseMarker(DataDirectory directory) {
    this.file = directory.dataDir().resolve("database-id");
  }

  /** The id; empty for a new folder, and for one of an earlier release. */
  public Optional<String> read() {
    try {
      return Optional.of(Files.readString(file).strip()).filter(id -> !id.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StartRefusedException(file + " cannot be read; make it readable for this user", e);
    }
  }

  /** Writes the id durably; several processes that share the folder may do so at once. */
  public void write(String id) {
    try {
      Path temporary = Files.createTempFile(file.getParent(), "database-id", ".tmp");
      try {
        Files.writeString(temporary, id + "\n", StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFolders.sync(file.resolveSibling(""));
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new StartRefusedException(
          file + " cannot be written; make its folder writable for this user, with free space", e);
    }
  }
}
