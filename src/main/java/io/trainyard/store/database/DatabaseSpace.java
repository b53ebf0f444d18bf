package io.trainyard.store.database;

import java.io.File;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;

/**
 * The file of an open embedded database. H2 appends the pages that a commit changes; the pages they
 * replace are dead. With {@code WRITE_DELAY=0}, H2 has no thread that copies live pages out of
 * chunks that are mostly dead, so the file only grows unless somebody compacts it.
 *
 * <p>Space of dead pages is reused only after a later version of the data is synced to disk. {@link
 * #sync} decides this: between two calls, everything that the last synced version needs is kept, so
 * a power failure loses no more than the commits since then.
 */
final class DatabaseSpace {
  /** Commits wait while this many bytes of pages are copied into a new chunk. */
  private static final int COPY = 1 << 20;

  /** Commits wait while this many bytes of chunks are moved: several of the largest ones. */
  private static final int MOVE = 8 << 20;

  private final MVStore store;
  private final FileStore<?> file;

  /** Keeps the version that was synced last. */
  private MVStore.TxCounter synced;

  private long syncedVersion;

  private DatabaseSpace(MVStore store) {
    this.store = store;
    this.file = store.getFileStore();
    this.synced = store.registerVersionUsage();
    this.syncedVersion = store.getCurrentVersion();
  }

  /** The file of the database that this connection uses. */
  static DatabaseSpace of(Connection connection) throws SQLException {
    SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    return new DatabaseSpace(session.getDatabase().getStore().getMvStore());
  }

  /**
   * The size of the file.
   *
   * @param bytes the length of the file
   * @param live an estimate of the bytes that the data needs
   */
  record Size(long bytes, long live) {
    static final Size UNKNOWN = new Size(0, 0);

    double ratio() {
      return live == 0 ? 1 : (double) bytes / live;
    }
  }

  Size size() {
    long bytes = file.size();
    return new Size(bytes, bytes * file.getFillRate() / 100 * file.getChunksFillRate() / 100);
  }

  /** Counts commits. */
  long version() {
    return store.getCurrentVersion();
  }

  /** Whether the database was closed. */
  boolean isClosed() {
    return store.isClosed();
  }

  /** Whether the file is writable and the disk has room for the copies that compaction makes. */
  boolean hasRoom() {
    return !file.isReadOnly() && new File(file.getFileName()).getUsableSpace() > 4L * MOVE;
  }

  /** Forces all commits to disk, and frees the space of pages that only older versions need. */
  void sync() {
    if (file.isReadOnly() || store.getCurrentVersion() == syncedVersion) {
      return;
    }
    MVStore.TxCounter next = store.registerVersionUsage();
    try {
      long version = store.getCurrentVersion();
      store.sync();
      syncedVersion = version;
    } catch (RuntimeException e) {
      store.deregisterVersionUsage(next);
      throw e;
    }
    store.deregisterVersionUsage(synced);
    synced = next;
  }

  /**
   * Copies live pages out of chunks that are mostly dead, and chunks to the begin of the file,
   * until the file is small enough or the time is over.
   *
   * @param ratio the wanted ratio of file to live data
   */
  void compact(double ratio, Duration limit) {
    if (size().ratio() <= ratio) {
      return;
    }
    long begin = System.nanoTime();
    // The file is its chunks and gaps between them, a chunk is live pages and dead ones.
    int fillRate = (int) (100 / Math.sqrt(ratio));
    boolean copied;
    do {
      copied = store.compact(fillRate, COPY);
      store.commit();
      sync();
      if (file instanceof RandomAccessStore movable) {
        movable.compactMoveChunks(fillRate, MOVE, store);
      }
    } while (size().ratio() > ratio
        && (copied || file.getFillRate() < fillRate)
        && System.nanoTime() - begin < limit.toNanos());
  }

  /** Gives up the kept version; the database closes or is closed. */
  void release() {
    store.deregisterVersionUsage(synced);
  }
}
