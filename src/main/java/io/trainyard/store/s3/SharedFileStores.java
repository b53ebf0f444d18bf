package io.trainyard.store.s3;

import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.StoredFiles;
import java.util.function.BooleanSupplier;

/** Files in a shared store, with copies in the data folder. */
final class SharedFileStores implements FileStores {
  private final DataDirectory directory;
  private final S3Objects objects;
  private final String prefix;
  private final OrphanObjects orphans;
  private final BooleanSupplier keepsAll;
  private final FileCache cache;

  /**
   * Files below a prefix of all keys.
   *
   * @param orphans protects and deletes objects
   * @param keepsAll whether no file may be deleted now
   * @param cacheBytes about the most bytes of copies that nobody reads
   */
  SharedFileStores(
      DataDirectory directory,
      S3Objects objects,
      String prefix,
      OrphanObjects orphans,
      BooleanSupplier keepsAll,
      long cacheBytes) {
    this.directory = directory;
    this.objects = objects;
    this.prefix = prefix;
    this.orphans = orphans;
    this.keepsAll = keepsAll;
    this.cache = new FileCache(directory.folder("cache"), cacheBytes);
  }

  @Override
  public StoredFiles of(String kind) {
    StoredFiles files =
        new SharedFiles(prefix + kind + "/", objects, cache.kind(kind), orphans, reserve());
    LocalFileUpload.run(directory.dataDir().resolve(kind), files);
    return files;
  }

  @Override
  public DiskReserve reserve() {
    return directory.reserve();
  }

  @Override
  public boolean keepsAll() {
    return keepsAll.getAsBoolean();
  }
}
