package io.trainyard.store.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.StoredWeights;
import io.trainyard.spec.ModelReference;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.store.file.FullDisk;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Models and versions in tables, their weights in files. */
@Repository
public class JdbcModelRegistry implements ModelRegistry {
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final ModelTable models;
  private final AliasTable aliases;
  private final VersionTable versions;
  private final ModelHolds holds;
  private final BlobFiles files;
  private final AtomicLong changes = new AtomicLong();
  private final TransactionSynchronization countWhenCommitted =
      new TransactionSynchronization() {
        @Override
        public void afterCommit() {
          changes.incrementAndGet();
        }
      };

  public JdbcModelRegistry(
      JdbcClient jdbc, TransactionTemplate transaction, DataDirectory directory, Clock clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.aliases = new AliasTable(jdbc, clock);
    this.models = new ModelTable(jdbc, aliases, clock);
    this.holds = new ModelHolds(jdbc);
    this.versions = new VersionTable(jdbc, holds, clock);
    this.files = new BlobFiles(directory.folder("weights"), clock);
  }

  @Override
  public long changes() {
    return changes.get();
  }

  @Override
  public Model create(String name, JsonNode spec) {
    if (models.id(name).isPresent()) {
      throw exists(name);
    }
    try {
      inTransaction(
          () -> {
            JdbcIdempotencyKeys.created(jdbc, 201, "/v1/models/" + name);
            return models.insert(name, spec);
          });
    } catch (DuplicateKeyException e) {
      throw exists(name);
    }
    return model(name);
  }

  private static ServiceException exists(String name) {
    return new ServiceException(
        ErrorCode.ALREADY_EXISTS, "There is a model '" + name + "' already; PUT changes it");
  }

  @Override
  public Model put(String name, JsonNode spec) {
    if (!update(name, spec)) {
      try {
        inTransaction(() -> models.insert(name, spec));
      } catch (DuplicateKeyException e) {
        update(name, spec); // somebody made it meanwhile: ours is the later change
      }
    }
    return model(name);
  }

  private boolean update(String name, JsonNode spec) {
    return inTransaction(() -> models.update(name, spec));
  }

  @Override
  public Optional<Model> findModel(String name) {
    return models.find(name);
  }

  @Override
  public List<Model> models(int limit, @Nullable Long before) {
    return models.list(limit, before);
  }

  @Override
  public void hold(String model, List<ModelReference> versionsRead, String holder) {
    holds.hold(model, versionsRead, holder);
  }

  @Override
  public void letGo(String holder) {
    holds.letGo(holder);
  }

  @Override
  public void deleteModel(String name) {
    inTransaction(
        () -> {
          long model = lockedModelId(name);
          holds.checkModel(model);
          List<Alias> pointing = aliases.list(name);
          if (!pointing.isEmpty()) {
            throw new ServiceException(
                ErrorCode.IN_USE,
                "The alias '"
                    + pointing.getFirst().name()
                    + "' points at version "
                    + pointing.getFirst().version()
                    + " of '"
                    + name
                    + "'; delete the alias first");
          }
          versions.deleteAll(model);
          models.delete(model);
          return 0;
        });
  }

  @Override
  public StoredWeights storeWeights(Map<String, HostTensor> weights) {
    try {
      BlobFiles.Blob blob = files.write(out -> SafeTensors.write(weights, out));
      return new StoredWeights(blob.sha256(), blob.bytes());
    } catch (IOException e) {
      if (FullDisk.is(e)) {
        throw FullDisk.noRoomFor("the weights", e);
      }
      throw new UncheckedIOException("The weights could not be written", e);
    }
  }

  @Override
  public SafeTensors openWeights(StoredWeights weights) {
    Path file = weightsFile(weights);
    try {
      return SafeTensors.open(file);
    } catch (IOException | FormatException e) {
      throw damaged(
          weights, new ServiceException(ErrorCode.CORRUPT_FILE, "The file cannot be read", e));
    }
  }

  @Override
  public Path weightsFile(StoredWeights weights) {
    try {
      return files.verified(new BlobFiles.Blob(weights.sha256(), weights.bytes()));
    } catch (ServiceException e) {
      throw damaged(weights, e);
    }
  }

  /** The same with the versions that suffer. */
  private ServiceException damaged(StoredWeights weights, ServiceException cause) {
    List<String> versions =
        jdbc.sql(
                """
                select m.name, v.version from model_versions v join models m on m.id = v.model_id
                where v.weights_sha256 = :sha256 order by m.name, v.version
                fetch first 3 rows only\
                """)
            .param("sha256", weights.sha256())
            .query((row, _) -> row.getString("name") + "@" + row.getInt("version"))
            .list();
    return new ServiceException(
        ErrorCode.CORRUPT_FILE,
        "The weights of " + String.join(", ", versions) + " are damaged: " + cause.detail(),
        cause);
  }

  @Override
  public ModelVersion publish(NewVersion version) {
    files.touch(version.weights().sha256());
    return inTransaction(
        () -> {
          if (models.id(version.model()).isEmpty()) {
            models.insert(version.model(), version.spec());
          }
          ModelVersion made = versions.insert(lockedModelId(version.model()), version);
          JdbcIdempotencyKeys.created(
              jdbc, 201, "/v1/models/" + made.model() + "/versions/" + made.version());
          return made;
        });
  }

  @Override
  public Optional<ModelVersion> findVersion(String model, int version) {
    return versions.find(model, version);
  }

  @Override
  public Optional<ModelVersion> findLatest(String model) {
    return versions.list(model, 1, null).stream().findFirst();
  }

  @Override
  public List<ModelVersion> versions(String model, int limit, @Nullable Long before) {
    if (models.id(model).isEmpty()) {
      model(model);
    }
    return versions.list(model, limit, before);
  }

  @Override
  public void deleteVersion(String model, int version) {
    inTransaction(
        () -> {
          lockedModelId(model);
          versions.delete(version(model, version));
          return 0;
        });
  }

  @Override
  public Alias moveAlias(String model, String alias, int version, String by) {
    return inTransaction(
        () -> {
          long id = lockedModelId(model);
          version(model, version);
          aliases.move(id, findAlias(model, alias).orElse(null), alias, version, by);
          return alias(model, alias);
        });
  }

  @Override
  public Alias rollback(String model, String alias, String by) {
    return inTransaction(
        () -> {
          long id = lockedModelId(model);
          aliases.rollback(id, alias(model, alias), by);
          return alias(model, alias);
        });
  }

  @Override
  public Optional<Alias> findAlias(String model, String alias) {
    return aliases.find(model, alias);
  }

  @Override
  public List<Alias> aliases(String model) {
    model(model);
    return aliases.list(model);
  }

  @Override
  public List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before) {
    alias(model, alias);
    return aliases.history(model, alias, limit, before);
  }

  @Override
  public void deleteAlias(String model, String alias) {
    inTransaction(
        () -> {
          long id = lockedModelId(model);
          alias(model, alias);
          aliases.delete(id, alias);
          return 0;
        });
  }

  /** Changes below one model wait for each other. */
  private long lockedModelId(String name) {
    return models.lock(name).orElseGet(() -> model(name).id());
  }

  private <T> T inTransaction(Supplier<T> change) {
    T done =
        transaction.execute(
            status -> {
              TransactionSynchronizationManager.registerSynchronization(countWhenCommitted);
              return change.get();
            });
    if (done == null) {
      throw new IllegalStateException("the change gave nothing");
    }
    return done;
  }

  /** Frees the disk of weights that no version has any more, or ever had. */
  public void sweep() {
    files.sweep(
        names ->
            new HashSet<>(
                jdbc.sql(
                        "select weights_sha256 from model_versions"
                            + " where weights_sha256 in (:names)")
                    .param("names", names)
                    .query(String.class)
                    .list()));
  }
}
