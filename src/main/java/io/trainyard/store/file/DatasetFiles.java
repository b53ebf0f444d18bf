package io.trainyard.store.file;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.HeldFile;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.database.DatabaseIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The files of dataset versions: rows, original bytes and rejects, named by digest. */
public final class DatasetFiles {
  private static final Logger log = LoggerFactory.getLogger(DatasetFiles.class);

  private final FileStores stores;
  private final StoredFiles files;
  private final DiskReserve reserve;
  private final JdbcClient jdbc;
  private final DatasetChecksums checksums;
  private final Scratch scratch;
  private final DamageCheck damage;

  /** Damaged files that the log has named; one that is sound or rewritten is removed. */
  private final Set<Path> logged = ConcurrentHashMap.newKeySet();

  public DatasetFiles(FileStores stores, JdbcClient jdbc, Clock clock) {
    this.stores = stores;
    this.files = stores.of(FileStores.DATASETS);
    this.reserve = stores.reserve();
    this.damage = new DamageCheck(stores.pausesBeforeDamage());
    this.jdbc = jdbc;
    this.checksums = new DatasetChecksums(jdbc, clock);
    this.scratch = new Scratch(files.folder().resolve("tmp"));
  }

  /** The disk space that new files leave free. */
  public DiskReserve reserve() {
    return reserve;
  }

  public Path scratch() {
    return scratch.folder();
  }

  /** A new folder for one task; the caller closes it. */
  public TaskFolder newTaskFolder() throws IOException {
    return new TaskFolder(Files.createTempDirectory(scratch.folder(), "task"));
  }

  public Path rows(String digest) {
    return file(digest, ".parquet");
  }

  public Path content(String digest) {
    return file(digest, ".content");
  }

  public Path rejects(String digest) {
    return file(digest, ".rejects");
  }

  private List<Path> all(String digest) {
    return List.of(rows(digest), content(digest), rejects(digest));
  }

  private Path file(String digest, String kind) {
    return files.path(digest + kind);
  }

  /** A file that is on disk and doesn't have its final name yet. */
  public static final class SyncedFile {
    private final Path temporary;
    private final DatasetChecksums.Checksum checksum;

    private SyncedFile(Path temporary, DatasetChecksums.Checksum checksum) {
      this.temporary = temporary;
      this.checksum = checksum;
    }
  }

  /** Starts to force a written file to disk, on another thread. */
  public static FutureTask<SyncedFile> sync(Path temporary) {
    FutureTask<SyncedFile> sync =
        new FutureTask<>(
            () -> {
              try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                file.force(true);
              }
              return new SyncedFile(temporary, DatasetChecksums.Checksum.of(temporary));
            });
    Thread.ofPlatform().daemon().name("file-sync").start(sync);
    return sync;
  }

  /** Gives files their final names, once all of them are on disk. */
  public void commit(Map<Path, FutureTask<SyncedFile>> files) throws IOException {
    for (var file : files.entrySet()) {
      checksums.add(file.getKey(), await(file.getValue()).checksum);
    }
    for (var file : files.entrySet()) {
      this.files.publish(await(file.getValue()).temporary, name(file.getKey()));
      logged.remove(file.getKey());
    }
  }

  /** Waits until files are on disk that get no names. */
  public static void await(Collection<FutureTask<SyncedFile>> files) throws IOException {
    for (FutureTask<SyncedFile> file : files) {
      SyncedFile _ = await(file);
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static SyncedFile await(FutureTask<SyncedFile> sync) throws IOException {
    try {
      return sync.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The upload was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException fault) {
        throw fault;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Whether a file exists and has the bytes that were written. It is read once: an upload that
   * would repair it need not be sure that it is damaged.
   *
   * @throws ServiceException UNAVAILABLE when it cannot be read now
   */
  public boolean isSound(Path file) {
    try (HeldFile held = holdSound(name(file))) {
      return held != null;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw BlobFiles.unreadable("The file " + name(file), e);
    }
  }

  /** Null for a damaged file. */
  private @Nullable HeldFile holdSound(String name) throws IOException {
    HeldFile held = holdIfSound(name);
    return held == null && files.discardCopy(name) ? holdIfSound(name) : held;
  }

  private @Nullable HeldFile holdIfSound(String name) throws IOException {
    HeldFile held = files.hold(name);
    boolean sound = false;
    try {
      sound = checksums.isSound(name, held.path());
      return sound ? held : null;
    } finally {
      if (!sound) {
        held.close();
      }
    }
  }

  /**
   * A file that is safe to read until it is closed. Damage is logged once, until the file is
   * repaired.
   *
   * @param what the content, for example "The rows of iris@1"
   * @throws ServiceException CORRUPT_FILE for a damaged or missing file
   */
  public HeldFile requireSound(Path file, String what) {
    String name = name(file);
    try {
      HeldFile held = damage.read(name, () -> holdSound(name));
      if (held != null) {
        logged.remove(file);
        return held;
      }
    } catch (IOException e) {
      throw BlobFiles.unreadable("The file " + name, e);
    }
    if (logged.add(file)) {
      log.error(
          "{} is damaged or missing; upload the same file under the same name to repair it", file);
    }
    throw new ServiceException(ErrorCode.CORRUPT_FILE, what + " are damaged or missing");
  }

  /** Protects files from deletion, because a database record is about to reference them. */
  public void touch(String digest) throws IOException {
    for (Path file : all(digest)) {
      try {
        files.touch(name(file));
      } catch (NoSuchFileException e) {
        log.debug("{} is not stored", file);
      }
    }
  }

  /**
   * Deletes files and checksums that no database record has referenced for a while.
   *
   * @param referenced gives, out of some digests, those that database records reference
   */
  public void deleteOrphans(Function<Collection<String>, Set<String>> referenced) {
    if (stores.keepsAll()) {
      return;
    }
    try {
      files.deleteOrphans(
          DatabaseIdentity.of(jdbc).createdAt(), names -> referenced(names, referenced));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    checksums.deleteOrphans();
  }

  /** The names whose digest is referenced; a name is a digest and a suffix. */
  private static Set<String> referenced(
      Collection<String> names, Function<Collection<String>, Set<String>> referenced) {
    Set<String> digests =
        referenced.apply(names.stream().map(DatasetFiles::digest).distinct().toList());
    return names.stream()
        .filter(name -> digests.contains(digest(name)))
        .collect(Collectors.toSet());
  }

  private static String digest(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
