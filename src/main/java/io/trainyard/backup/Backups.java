package io.trainyard.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Saves a whole installation in one archive, and fills an empty one from it. */
public interface Backups {
  /**
   * What an archive had.
   *
   * @param rows by table
   * @param files its files
   * @param bytes of these files
   */
  record Contents(Instant createdAt, Map<String, Long> rows, long files, long bytes) {
    public Contents {
      rows = Collections.unmodifiableMap(new LinkedHashMap<>(rows));
    }
  }

  /** A snapshot of the database, whose files stay until it is closed. */
  interface Snapshot extends AutoCloseable {
    /** Writes the archive. An archive that breaks off has no end, and is refused by restore. */
    void writeTo(OutputStream out) throws IOException;

    @Override
    void close();
  }

  /** Takes a snapshot while the service works: of all that was answered before. */
  Snapshot snapshot() throws IOException;

  /**
   * Fills this installation: with all of an archive or, when this fails, with nothing.
   *
   * @throws io.trainyard.error.ServiceException ALREADY_EXISTS if it has anything; CONFLICT while
   *     another restore runs; MALFORMED_BODY for what is no archive, or a damaged one
   * @param holdsJobs whether unfinished jobs wait until they are resumed
   */
  Contents restore(InputStream in, boolean holdsJobs) throws IOException;
}
