package io.trainyard.store.job;

import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Checkpoints as safetensors files, named by rows with the position in them. */
@Component
public final class JdbcCheckpointStore implements CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(JdbcCheckpointStore.class);

  /** A tensor that makes each file the only one with its bytes, so that it can be deleted. */
  private static final String UNIQUE = "file/";

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final BlobFiles files;
  private final Clock clock;

  JdbcCheckpointStore(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      DataDirectory directory,
      Clock clock) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.files = new BlobFiles(directory.folder("checkpoints"), clock);
    this.clock = clock;
  }

  @Override
  public boolean save(String job, int attempt, Checkpoint checkpoint) {
    BlobFiles.Blob blob = write(checkpoint);
    List<String> older = files(job);
    boolean mine =
        transaction.execute(
            status -> {
              // A job that gets further is not one that only kills its workers.
              boolean owned =
                  jdbc.sql(
                              "UPDATE jobs SET crashes = 0"
                                  + " WHERE id = ? AND state = 'running' AND attempt = ?")
                          .params(job, attempt)
                          .update()
                      == 1;
              if (owned) {
                replace(job, attempt, checkpoint.position(), blob);
              }
              return owned;
            });
    if (mine) {
      older.forEach(files::delete);
    } else {
      files.delete(blob.sha256());
    }
    return mine;
  }

  private BlobFiles.Blob write(Checkpoint checkpoint) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
    tensors.put(UNIQUE + UUID.randomUUID(), HostTensor.allocate(ElementType.INT8, Shape.of(8)));
    try {
      return files.write(out -> SafeTensors.write(tensors, out));
    } catch (IOException e) {
      throw new UncheckedIOException("The checkpoint could not be written", e);
    }
  }

  private void replace(String job, int attempt, Checkpoint.Position position, BlobFiles.Blob blob) {
    jdbc.sql("DELETE FROM checkpoints WHERE job_id = ?").param(job).update();
    jdbc.sql(
            "INSERT INTO checkpoints (job_id, checkpoint_no, attempt, place, sha256, bytes,"
                + " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .params(
            job,
            position.epochs(),
            attempt,
            PositionJson.write(position),
            blob.sha256(),
            blob.bytes(),
            Timestamps.time(clock.instant()))
        .update();
  }

  @Override
  public Optional<Checkpoint> latest(String job) {
    Stored stored =
        jdbc.sql("SELECT place, sha256, bytes FROM checkpoints WHERE job_id = ?")
            .param(job)
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
    try (SafeTensors file = SafeTensors.open(files.verified(stored.blob()))) {
      return Optional.of(new Checkpoint(PositionJson.read(stored.place()), copies(file)));
    } catch (IOException | FormatException | ServiceException e) {
      log.warn("The checkpoint of job {} cannot be used, it starts anew: {}", job, e.toString());
      return Optional.empty();
    }
  }

  private record Stored(String place, BlobFiles.Blob blob) {}

  private static Map<String, HostTensor> copies(SafeTensors file) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith(UNIQUE)) {
                HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
                copy.data().copyFrom(tensor.data());
                tensors.put(name, copy);
              }
            });
    return tensors;
  }

  @Override
  public void clear(String job) {
    List<String> gone = files(job);
    if (!gone.isEmpty()) {
      jdbc.sql("DELETE FROM checkpoints WHERE job_id = ?").param(job).update();
      gone.forEach(files::delete);
    }
  }

  /** Clears what finished jobs left, and files that no row names. */
  public void sweep() {
    jdbc.sql(
            "SELECT DISTINCT c.job_id FROM checkpoints c JOIN jobs j ON j.id = c.job_id"
                + " WHERE j.state IN ('succeeded', 'failed', 'cancelled')")
        .query(String.class)
        .list()
        .forEach(this::clear);
    files.sweep(
        names ->
            new HashSet<>(
                jdbc.sql("SELECT sha256 FROM checkpoints WHERE sha256 IN (:names)")
                    .param("names", names)
                    .query(String.class)
                    .list()));
  }

  private List<String> files(String job) {
    return jdbc.sql("SELECT sha256 FROM checkpoints WHERE job_id = ?")
        .param(job)
        .query(String.class)
        .list();
  }
}
