package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.store.database.DatabaseIdentity;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.store.file.FileStores;
import io.trainyard.tensor.FormatException;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import java.io.IOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Checkpoints: rows with the position, and safetensors files that the rows name. */
@Component
public final class JdbcCheckpointStore implements CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(JdbcCheckpointStore.class);

  /** The most checkpoints of jobs that have succeeded: small ones have few bytes. */
  private static final int MOST_KEPT = 1_000;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final BlobFiles files;
  private final long keptBytes;
  private final Clock clock;

  JdbcCheckpointStore(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      FileStores stores,
      JobProperties properties,
      Clock clock) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.files = new BlobFiles(stores, FileStores.CHECKPOINTS);
    this.keptBytes = properties.keptCheckpoints().toBytes();
    this.clock = clock;
  }

  @Override
  public boolean save(String job, int attempt, Checkpoint checkpoint) {
    BlobFiles.Blob blob = CheckpointFiles.write(files, checkpoint.tensors());
    List<String> older = files(job);
    boolean owned =
        transaction.execute(
            status -> {
              // A job that makes progress is not one that always kills its worker.
              boolean current =
                  jdbc.sql("update jobs set crashes = 0" + JobRows.OWNED)
                          .params(JobRows.owned(job, attempt))
                          .update()
                      == 1;
              if (current) {
                replace(job, attempt, checkpoint.position(), blob);
              }
              return current;
            });
    if (owned) {
      older.forEach(files::delete);
    } else {
      files.delete(blob.sha256());
    }
    return owned;
  }

  private void replace(String job, int attempt, Checkpoint.Position position, BlobFiles.Blob blob) {
    deleteRow(job);
    jdbc.sql(
            "insert into checkpoints (job_id, checkpoint_no, attempt, place, sha256, bytes,"
                + " created_at) values (:job, :epochs, :attempt, :position, :sha256, :bytes, :now)")
        .param("job", job)
        .param("epochs", position.epochs())
        .param("attempt", attempt)
        .param("position", StoredPosition.write(position))
        .param("sha256", blob.sha256())
        .param("bytes", blob.bytes())
        .param("now", Timestamps.time(clock.instant()))
        .update();
  }

  @Override
  public Optional<Checkpoint> latest(String job) {
    Stored stored =
        jdbc.sql("select place, sha256, bytes from checkpoints where job_id = :job")
            .param("job", job)
            .query(
                (row, _) ->
                    new Stored(
                        row.getString("place"),
                        new BlobFiles.Blob(row.getString("sha256"), row.getLong("bytes"))))
            .optional()
            .orElse(null);
    if (stored == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Checkpoint(
              StoredPosition.read(stored.position()), CheckpointFiles.read(files, stored.blob())));
    } catch (IOException e) {
      throw BlobFiles.unreadable("The checkpoint of job " + job, e);
    } catch (FormatException e) {
      return damaged(job, e);
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.CORRUPT_FILE) {
        throw e;
      }
      return damaged(job, e);
    }
  }

  private static Optional<Checkpoint> damaged(String job, RuntimeException cause) {
    log.warn(
        "The checkpoint of job {} is damaged, the job starts from the beginning: {}",
        job,
        cause.toString());
    return Optional.empty();
  }

  @Override
  public Optional<Checkpoint.Position> position(String job) {
    return jdbc.sql("select place from checkpoints where job_id = :job")
        .param("job", job)
        .query(String.class)
        .optional()
        .map(StoredPosition::read);
  }

  @Override
  public void keep(String job) {
    jdbc.sql("update checkpoints set created_at = :now where job_id = :job")
        .param("now", Timestamps.time(clock.instant()))
        .param("job", job)
        .update();
    deleteOldest();
  }

  /** Deletes checkpoints of jobs that have succeeded, the oldest first, down to the limits. */
  private void deleteOldest() {
    long bytes = 0;
    int count = 0;
    for (Kept each : kept()) {
      bytes += each.bytes();
      count++;
      if (bytes > keptBytes || count > MOST_KEPT) {
        clear(each.job());
      }
    }
  }

  private List<Kept> kept() {
    return jdbc.sql(
            "select c.job_id, c.bytes from checkpoints c join jobs j on j.id = c.job_id"
                + " where j.state = :succeeded and (j.trial is null or j.trial = 0)"
                + " order by c.created_at desc, c.job_id")
        .param("succeeded", JobState.Name.SUCCEEDED.word())
        .query((row, _) -> new Kept(row.getString("job_id"), row.getLong("bytes")))
        .list();
  }

  private record Kept(String job, long bytes) {}

  private record Stored(String position, BlobFiles.Blob blob) {}

  @Override
  public void clear(String job) {
    List<String> names = files(job);
    if (!names.isEmpty()) {
      deleteRow(job);
      names.forEach(files::delete);
    }
  }

  /**
   * Deletes the checkpoints of jobs that have ended, except those kept, and files that no database
   * record references.
   */
  public void deleteOrphans() {
    jdbc.sql(
            "select distinct c.job_id from checkpoints c join jobs j on j.id = c.job_id"
                + " where j.state in (:ended)")
        .param("ended", List.of(JobState.Name.FAILED.word(), JobState.Name.CANCELLED.word()))
        .query(String.class)
        .list()
        .forEach(this::clear);
    // Those of a sweep's trials are needed until the sweep ends.
    jdbc.sql(
            "select distinct c.job_id from checkpoints c join jobs j on j.id = c.job_id"
                + " join jobs s on s.id = j.sweep where j.trial > 0 and s.state in (:ended)")
        .param(
            "ended",
            List.of(
                JobState.Name.SUCCEEDED.word(),
                JobState.Name.FAILED.word(),
                JobState.Name.CANCELLED.word()))
        .query(String.class)
        .list()
        .forEach(this::clear);
    deleteOldest();
    files.deleteOrphans(
        DatabaseIdentity.of(jdbc).createdAt(),
        names ->
            new HashSet<>(
                jdbc.sql("select sha256 from checkpoints where sha256 in (:names)")
                    .param("names", names)
                    .query(String.class)
                    .list()));
  }

  private void deleteRow(String job) {
    jdbc.sql("delete from checkpoints where job_id = :job").param("job", job).update();
  }

  private List<String> files(String job) {
    return jdbc.sql("select sha256 from checkpoints where job_id = :job")
        .param("job", job)
        .query(String.class)
        .list();
  }
}
