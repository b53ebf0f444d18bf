package io.trainyard.store.database;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DatabaseMarker;
import io.trainyard.store.DurableFolders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file of the embedded database, locked for this process. H2 has a lock too, but releases it
 * when it closes itself; nobody else may open the file until this process has reopened it.
 */
final class DatabaseFile implements AutoCloseable {
  /**
   * How the database is opened. By default H2 writes a commit up to half a second after it
   * acknowledged it: a kill loses it. {@link DatabaseSpace} decides when the space of dead pages is
   * reused, instead of a retention time, and {@link DatabaseCompaction} compacts the file, instead
   * of H2 while it closes.
   */
  static final String SETTINGS =
      ";WRITE_DELAY=0;RETENTION_TIME=0;MAX_COMPACT_TIME=0;DB_CLOSE_ON_EXIT=FALSE"
          + ";LOCK_TIMEOUT=10000;TRACE_LEVEL_FILE=0";

  private final Path base;
  private final FileChannel lock;

  private DatabaseFile(Path base, FileChannel lock) {
    this.base = base;
    this.lock = lock;
  }

  /**
   * Locks the file, which need not exist yet.
   *
   * @throws StartRefusedException if another process has it, or if it is missing beside a folder
   *     that belongs to a database
   */
  static DatabaseFile lock(DataDirectory directory) {
    Path folder = directory.folder("database");
    DatabaseFile file = new DatabaseFile(folder.resolve("trainyard"), lock(folder));
    try {
      file.requirePresent(directory);
      file.beside().delete();
      return file;
    } catch (IOException e) {
      file.close();
      throw file.refusal(e, false);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static FileChannel lock(Path folder) {
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return channel;
      }
      channel.close();
      throw inUse(folder, null);
    } catch (IOException e) {
      throw new StartRefusedException(
          folder.resolve("lock")
              + " cannot be locked: "
              + H2Failure.reason(e)
              + "; make the folder writable for this user, on a disk that supports locks",
          e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process has opened the folder already
    }
  }

  private static StartRefusedException inUse(Path folder, @Nullable Exception cause) {
    return new StartRefusedException(
        "Another process uses the database in "
            + folder
            + "; stop it, or name another folder with --trainyard.data-dir",
        cause);
  }

  private void requirePresent(DataDirectory directory) {
    boolean empty = !Files.exists(path()) || path().toFile().length() == 0;
    if (empty && !directory.acceptDatabase()) {
      new DatabaseMarker(directory)
          .read()
          .ifPresent(
              _ -> {
                throw new StartRefusedException(
                    path()
                        + " is missing or empty, but the folder "
                        + directory.dataDir()
                        + " has the files of a database; restore it from a backup, or start with"
                        + " an empty one by --trainyard.accept-database=true");
              });
    }
  }

  /** The path of the file. */
  Path path() {
    return base.resolveSibling(base.getFileName() + ".mv.db");
  }

  /** Where the file is; its path may be a link to it. */
  private Path target() throws IOException {
    return Files.exists(path()) ? path().toRealPath() : path();
  }

  /**
   * A database in the same folder as this one's file, which takes its place once it is complete.
   */
  DatabaseFile beside() throws IOException {
    Path target = target();
    return new DatabaseFile(target.resolveSibling(target.getFileName() + ".migrating"), lock);
  }

  /**
   * Copies this file with its owner and its rights, and replaces what an earlier copy left.
   *
   * @throws StartRefusedException if somebody has it open
   */
  void copyTo(DatabaseFile other) throws IOException {
    try (FileChannel unused = FileChannel.open(path(), StandardOpenOption.WRITE)) {
      if (!isLocked(unused)) {
        throw inUse(base.resolveSibling(""), null);
      }
      Files.copy(
          path(),
          other.path(),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  /** Takes the place of another file; a power failure leaves one of both. */
  void replace(DatabaseFile other) throws IOException {
    try (FileChannel written = FileChannel.open(path(), StandardOpenOption.WRITE)) {
      written.force(true);
    }
    Path target = other.target();
    Files.move(path(), target, StandardCopyOption.ATOMIC_MOVE);
    DurableFolders.sync(target.resolveSibling(""));
  }

  void delete() throws IOException {
    Files.deleteIfExists(path());
  }

  /** The name of the database for H2. */
  String name() {
    return "file:" + base;
  }

  /** The JDBC URL. */
  String url() {
    return "jdbc:h2:" + name() + SETTINGS;
  }

  /** Why the process cannot start on this file. */
  StartRefusedException refusal(Exception failure, boolean inUse) {
    return inUse
        ? inUse(base.resolveSibling(""), failure)
        : new StartRefusedException(
            path()
                + " cannot be opened: "
                + H2Failure.reason(failure)
                + "; restore it from a backup, or free disk space if that is the cause",
            failure);
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
