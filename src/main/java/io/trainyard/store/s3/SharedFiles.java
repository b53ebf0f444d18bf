package io.trainyard.store.s3;

import io.trainyard.os.HeldFile;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.file.StoredFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Files in a shared store, with copies on this machine. A file counts as stored when the shared
 * store has it.
 */
final class SharedFiles implements StoredFiles {
  private final String prefix;
  private final S3Objects objects;
  private final FileCache.Kind copies;
  private final OrphanObjects orphans;
  private final DiskReserve reserve;

  /** One download at a time for each file. */
  private final ConcurrentHashMap<String, ReentrantLock> downloads = new ConcurrentHashMap<>();

  SharedFiles(
      String prefix,
      S3Objects objects,
      FileCache.Kind copies,
      OrphanObjects orphans,
      DiskReserve reserve) {
    this.prefix = prefix;
    this.objects = objects;
    this.copies = copies;
    this.orphans = orphans;
    this.reserve = reserve;
  }

  private String key(String name) {
    return prefix + name.substring(0, 2) + "/" + name;
  }

  @Override
  public Path folder() {
    return copies.folder();
  }

  @Override
  public Path path(String name) {
    return copies.path(name);
  }

  @Override
  public void publish(Path temporary, String name) throws IOException {
    orphans.protect(key(name));
    objects.put(key(name), temporary);
    copies.add(temporary, name);
  }

  @Override
  public HeldFile hold(String name) throws IOException {
    try {
      return copies.hold(name);
    } catch (NoSuchFileException e) {
      return fetch(name);
    }
  }

  private HeldFile fetch(String name) throws IOException {
    ReentrantLock lock = downloads.computeIfAbsent(name, _ -> new ReentrantLock());
    lock.lock();
    try {
      return copies.hold(name);
    } catch (NoSuchFileException e) {
      return download(name);
    } finally {
      lock.unlock();
      downloads.remove(name, lock);
    }
  }

  private HeldFile download(String name) throws IOException {
    Path temporary = copies.temporary(name);
    try {
      DiskReserve.Growth growth = reserve.growth();
      objects.get(key(name), temporary, growth::add);
      return copies.addAndHold(temporary, name);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public boolean discardCopy(String name) throws IOException {
    copies.remove(name);
    return true;
  }

  @Override
  public void touch(String name) throws IOException {
    orphans.protect(key(name));
    long _ = objects.length(key(name));
  }

  @Override
  public void delete(String name) throws IOException {
    objects.delete(key(name));
    copies.remove(name);
  }

  @Override
  public void deleteOrphans(Instant since, Function<Collection<String>, Set<String>> referenced)
      throws IOException {
    orphans.delete(prefix, since, referenced);
  }
}
