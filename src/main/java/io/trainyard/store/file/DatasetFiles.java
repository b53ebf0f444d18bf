package io.trainyard.store.file;

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
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the rows, the original bytes and the rejects of versions lie, by digest. */
public final class DatasetFiles {
  private final Path folder;
  private final DatasetChecksums checksums;
  private final Scratch scratch;

  public DatasetFiles(Path folder, DatasetChecksums seals) {
    this.folder = folder;
    this.checksums = seals;
    this.scratch = new Scratch(folder.resolve("tmp"));
  }

  public Path scratch() {
    return scratch.folder();
  }

  /** A new folder for one task; whoever asked deletes it. */
  public Path newTaskFolder() throws IOException {
    return Files.createTempDirectory(scratch.folder(), "task");
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

  private Path file(String digest, String kind) {
    return folder.resolve(digest.substring(0, 2)).resolve(digest + kind);
  }

  /** A file on disk that has no lasting name yet. */
  public record Finished(Path file, DatasetChecksums.Seal seal) {}

  /** Begins to make a finished file durable, beside whatever is done meanwhile. */
  public static FutureTask<Finished> sync(Path temporary) {
    FutureTask<Finished> sync =
        new FutureTask<>(
            () -> {
              try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                file.force(true);
              }
              return new Finished(temporary, DatasetChecksums.Seal.of(temporary));
            });
    Thread.ofPlatform().daemon().name("file-sync").start(sync);
    return sync;
  }

  /** Gives files their lasting names, once all of them are on disk. */
  public void commit(Map<Path, FutureTask<Finished>> files) throws IOException {
    for (var file : files.entrySet()) {
      checksums.add(file.getKey(), await(file.getValue()).seal());
    }
    Set<Path> folders = new HashSet<>();
    for (var file : files.entrySet()) {
      folders.add(Files.createDirectories(file.getKey().getParent()));
      Files.move(await(file.getValue()).file(), file.getKey(), StandardCopyOption.ATOMIC_MOVE);
    }
    for (Path folder : folders) {
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  private static Finished await(FutureTask<Finished> sync) throws IOException {
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
   * Whether a file is there with the bytes it was given, if need be brought back from those about
   * to be deleted.
   */
  public boolean isSound(Path file) {
    try {
      OrphanFiles.restore(file);
      return checksums.isSound(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** Tells the sweep that somebody is about to name these files. */
  public void touch(String digest, Instant now) throws IOException {
    restore(digest);
    for (Path file : List.of(rows(digest), content(digest), rejects(digest))) {
      if (Files.exists(file)) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    }
  }

  /** Brings files back that were about to be deleted. */
  public void restore(String digest) throws IOException {
    for (Path file : List.of(rows(digest), content(digest), rejects(digest))) {
      OrphanFiles.restore(file);
    }
  }

  /** Deletes files that nobody has named for a while. */
  public void sweep(Function<Collection<String>, Set<String>> named, Instant now) {
    OrphanFiles unnamed = new OrphanFiles(names -> referenced(names, named), now);
    try (Stream<Path> folders = Files.list(folder)) {
      folders
          .filter(Files::isDirectory)
          .filter(found -> String.valueOf(found.getFileName()).length() == 2)
          .forEach(unnamed::sweep);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files whose name is a named digest and a kind. */
  private static Set<String> referenced(
      Collection<String> names, Function<Collection<String>, Set<String>> named) {
    Set<String> digests = named.apply(names.stream().map(DatasetFiles::digest).distinct().toList());
    return names.stream()
        .filter(name -> digests.contains(digest(name)))
        .collect(Collectors.toSet());
  }

  private static String digest(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
