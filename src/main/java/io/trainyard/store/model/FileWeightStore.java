package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.WeightStore;
import io.trainyard.os.HeldFile;
import io.trainyard.store.access.BoundNames;
import io.trainyard.store.database.DatabaseIdentity;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.FullDisk;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Stores weights in files; equal weights share one file. */
@Component
public final class FileWeightStore implements WeightStore {
  private final JdbcClient jdbc;
  private final BlobFiles files;

  public FileWeightStore(JdbcClient jdbc, FileStores stores) {
    this.jdbc = jdbc;
    this.files = new BlobFiles(stores, FileStores.WEIGHTS);
  }

  @Override
  public StoredWeights store(Map<String, HostTensor> weights) {
    return store(out -> SafeTensors.write(weights, out));
  }

  @Override
  public StoredWeights store(Path file) {
    return store(
        out -> {
          try (FileChannel in = FileChannel.open(file)) {
            for (long at = 0; at < in.size(); ) {
              at += in.transferTo(at, in.size() - at, out);
            }
          }
        });
  }

  private StoredWeights store(BlobFiles.Content content) {
    try {
      BlobFiles.Blob blob = files.write(content);
      return new StoredWeights(blob.sha256(), blob.bytes());
    } catch (IOException e) {
      FullDisk.throwIfFull("the weights", e);
      throw new UncheckedIOException("The weights could not be written", e);
    }
  }

  @Override
  public SafeTensors open(StoredWeights weights) {
    try (HeldFile file = file(weights)) {
      return SafeTensors.open(file.path());
    } catch (IOException e) {
      throw BlobFiles.unreadable("The weights of " + versions(weights), e);
    } catch (FormatException e) {
      throw damaged(
          weights, new ServiceException(ErrorCode.CORRUPT_FILE, "The file cannot be read", e));
    }
  }

  @Override
  public HeldFile file(StoredWeights weights) {
    try {
      return files.verified(new BlobFiles.Blob(weights.sha256(), weights.bytes()));
    } catch (ServiceException e) {
      throw e.code() == ErrorCode.CORRUPT_FILE ? damaged(weights, e) : e;
    }
  }

  /** The cause, with the versions that have these weights. */
  private ServiceException damaged(StoredWeights weights, ServiceException cause) {
    return new ServiceException(
        ErrorCode.CORRUPT_FILE,
        "The weights of " + versions(weights) + " are damaged: " + cause.detail(),
        cause);
  }

  /** Those that the caller may know: equal weights of others are in the same file. */
  private String versions(StoredWeights weights) {
    Map<String, Object> parameters = new HashMap<>(Map.of("sha256", weights.sha256()));
    List<String> known =
        jdbc.sql(
                "select m.name, v.version from model_versions v join models m on m.id = v.model_id"
                    + " where v.weights_sha256 = :sha256"
                    + BoundNames.and(Identity.current().models(), "m.name", parameters)
                    + " order by m.name, v.version fetch first 3 rows only")
            .params(parameters)
            .query((record, _) -> record.getString("name") + "@" + record.getInt("version"))
            .list();
    return known.isEmpty() ? "a version of others" : String.join(", ", known);
  }

  /** Protects weights from deletion, because a version is about to reference them. */
  void touch(StoredWeights weights) {
    files.touch(weights.sha256());
  }

  /** Deletes weights that no version references. */
  public void deleteOrphans() {
    files.deleteOrphans(
        DatabaseIdentity.of(jdbc).createdAt(),
        names ->
            new HashSet<>(
                jdbc.sql(
                        """
                        select weights_sha256 from model_versions
                        where weights_sha256 in (:names)\
                        """)
                    .param("names", names)
                    .query(String.class)
                    .list()));
  }
}
