package io.trainyard.store.file;

import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where files are kept: in the data folder, or in a store that all processes share. */
public interface FileStores {
  /** The kinds of files, which are also the names of their folders. */
  String WEIGHTS = "weights";

  String DATASETS = "datasets";
  String CHECKPOINTS = "checkpoints";
  List<String> KINDS = List.of(WEIGHTS, DATASETS, CHECKPOINTS);

  /** The files of one kind. */
  StoredFiles of(String kind);

  /** The space on this machine's disk that new files leave free. */
  DiskReserve reserve();

  /** Whether no file may be deleted now, because a backup reads them. */
  boolean keepsAll();

  /** The pauses before a file that seems to be damaged or missing is read again. */
  default List<Duration> pausesBeforeDamage() {
    return DamageCheck.PAUSES;
  }

  /**
   * Files in the data folder alone.
   *
   * @param keepsAll whether no file may be deleted now
   */
  static FileStores local(DataDirectory directory, BooleanSupplier keepsAll, Clock clock) {
    return local(directory, keepsAll, clock, DamageCheck.PAUSES);
  }

  /** As above, with other pauses before a file counts as damaged. */
  static FileStores local(
      DataDirectory directory, BooleanSupplier keepsAll, Clock clock, List<Duration> pauses) {
    return new FileStores() {
      @Override
      public List<Duration> pausesBeforeDamage() {
        return pauses;
      }

      @Override
      public boolean keepsAll() {
        return keepsAll.getAsBoolean();
      }

      @Override
      public StoredFiles of(String kind) {
        return new LocalFiles(directory.folder(kind), clock);
      }

      @Override
      public DiskReserve reserve() {
        return directory.reserve();
      }
    };
  }
}
