package io.trainyard.store;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** Where the rows, the original bytes and the rejects of versions lie, by digest. */
final class DatasetFiles {
  private final Path folder;
  private final Path scratch;

  DatasetFiles(Path folder) {
    this.folder = folder;
    this.scratch = folder.resolve("tmp");
    try {
      // What an earlier process left half-done is of no use to anyone.
      FileSystemUtils.deleteRecursively(scratch);
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException("the folder of the data sets cannot be written", e);
    }
  }

  Path scratch() {
    return scratch;
  }

  /** A new folder for one task; whoever asked deletes it. */
  Path task() throws IOException {
    return Files.createTempDirectory(scratch, "task");
  }

  Path rows(String digest) {
    return file(digest, ".parquet");
  }

  Path content(String digest) {
    return file(digest, ".content");
  }

  Path rejects(String digest) {
    return file(digest, ".rejects");
  }

  private Path file(String digest, String kind) {
    return folder.resolve(digest.substring(0, 2)).resolve(digest + kind);
  }

  /** Begins to make a finished file durable, beside whatever is done meanwhile. */
  static FutureTask<Path> sync(Path temporary) {
    FutureTask<Path> sync =
        new FutureTask<>(
            () -> {
              try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                file.force(true);
              }
              return temporary;
            });
    Thread.ofPlatform().daemon().name("file-sync").start(sync);
    return sync;
  }

  /** Gives files their lasting names, once all of them are on disk. */
  static void keep(Map<Path, FutureTask<Path>> files) throws IOException {
    for (FutureTask<Path> sync : files.values()) {
      await(sync);
    }
    Set<Path> folders = new HashSet<>();
    for (var file : files.entrySet()) {
      folders.add(Files.createDirectories(file.getKey().getParent()));
      Files.move(await(file.getValue()), file.getKey(), StandardCopyOption.ATOMIC_MOVE);
    }
    for (Path folder : folders) {
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  private static Path await(FutureTask<Path> sync) throws IOException {
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

  /** Tells the sweep that somebody is about to name these files. */
  void touch(String digest, Instant now) throws IOException {
    for (Path file : List.of(rows(digest), content(digest), rejects(digest))) {
      if (Files.exists(file)) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    }
  }

  /** Deletes files that nobody has named for a while. */
  void sweep(Set<String> named, Instant before) throws IOException {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        boolean ours = name.matches("[0-9a-f]{64}\\.(parquet|content|rejects)");
        if (ours
            && !named.contains(name.substring(0, 64))
            && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
