package io.trainyard.store.file;

import io.trainyard.os.HeldFile;
import io.trainyard.store.DurableFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Files in a folder, in subfolders named by the first two characters. */
final class LocalFiles implements StoredFiles {
  private static final int SUBFOLDER_NAME = 2;

  private final Path folder;
  private final Clock clock;

  LocalFiles(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public Path path(String name) {
    return folder.resolve(name.substring(0, SUBFOLDER_NAME)).resolve(name);
  }

  @Override
  public void publish(Path temporary, String name) throws IOException {
    Path file = path(name);
    Path subfolder = DurableFolders.create(file.resolveSibling(""));
    Files.setLastModifiedTime(temporary, FileTime.from(clock.instant()));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    DurableFolders.sync(subfolder);
  }

  @Override
  public HeldFile hold(String name) throws IOException {
    Path file = path(name);
    OrphanFiles.restore(file);
    return HeldFile.of(file);
  }

  @Override
  public boolean discardCopy(String name) {
    return false;
  }

  @Override
  public void touch(String name) throws IOException {
    Path file = path(name);
    OrphanFiles.restore(file);
    Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(path(name));
  }

  /** Leaves folders with longer names alone: they have unfinished files of other kinds. */
  @Override
  public void deleteOrphans(Instant since, Function<Collection<String>, Set<String>> referenced)
      throws IOException {
    OrphanFiles orphans = new OrphanFiles(referenced, since, clock.instant());
    for (Path found : subfolders()) {
      orphans.deleteOrphans(found);
    }
    orphans.deleteUnfinished(folder);
  }

  private List<Path> subfolders() throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(Files::isDirectory)
          .filter(each -> String.valueOf(each.getFileName()).length() == SUBFOLDER_NAME)
          .toList();
    }
  }
}
