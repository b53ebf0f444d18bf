package io.trainyard.store.model;

import io.trainyard.access.AuditLog;
import io.trainyard.access.Identity;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionStore;
import io.trainyard.store.access.JdbcAuditLog;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.Outage;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.node.JsonNodeFactory;

/** Versions in the database that all processes share. */
@Component
public final class JdbcVersionStore implements VersionStore {
  private final JdbcClient jdbc;
  private final ModelTransactions transactions;
  private final FileWeightStore weights;
  private final ModelTable models;
  private final VersionTable versions;
  private final AliasTable aliases;
  private final AuditLog audit;
  private final QuotaTurns turns;

  public JdbcVersionStore(
      JdbcClient jdbc, ModelTransactions transactions, FileWeightStore weights, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.weights = weights;
    this.models = new ModelTable(jdbc, clock);
    this.versions = new VersionTable(jdbc, clock);
    this.aliases = new AliasTable(jdbc, clock);
    this.audit = new JdbcAuditLog(jdbc);
    this.turns = new QuotaTurns(jdbc);
  }

  @Override
  public long changes(String model) {
    return transactions.committed(model);
  }

  @Override
  public Optional<ServiceException> outage(RuntimeException failure) {
    return Outage.classify(failure);
  }

  @Override
  public ModelVersion publish(NewVersion version, boolean mayServe) {
    weights.touch(version.weights());
    try {
      return turns.call(() -> publishOnce(version, mayServe));
    } catch (DuplicateKeyException e) {
      if (TransactionSynchronizationManager.isActualTransactionActive()) {
        throw e;
      }
      // Another caller has just created the model: this version is the later one.
      return turns.call(() -> publishOnce(version, mayServe));
    }
  }

  private ModelVersion publishOnce(NewVersion version, boolean mayServe) {
    return transactions.call(
        version.model(),
        () -> {
          if (models.id(version.model()).isEmpty()) {
            insertModel(version);
          }
          long model = models.lock(version.model());
          boolean grants = mayServe && models.grantsProduction(model);
          ModelVersion published = versions.insert(model, version);
          JdbcIdempotencyKeys.created(
              jdbc,
              new Created(
                  Created.Kind.MODEL_VERSION, published.model() + "@" + published.version()));
          return grants ? grant(model, published) : published;
        });
  }

  /** Gives a model's first version the alias, on behalf of who publishes it. */
  private ModelVersion grant(long model, ModelVersion first) {
    String job = first.provenance().jobId();
    aliases.grant(
        model, first.version(), job == null ? Alias.Move.byCaller() : Alias.Move.byJob(job));
    Alias granted = aliases.require(first.model(), Alias.PRODUCTION);
    VersionTable.Owner owner = versions.owner(first.id());
    audit.add(
        AuditLog.Entry.granted(
            granted.updatedAt(),
            owner.id(),
            owner.name(),
            granted.model(),
            granted.name(),
            JsonNodeFactory.instance
                .objectNode()
                .put("model", granted.model())
                .put("alias", granted.name())
                .put("version", granted.version())
                .putNull("previous_version")
                .put("updated_at", granted.updatedAt().toString())
                .toString()));
    return versions.require(first.model(), first.version());
  }

  /** A version that was exported elsewhere brings the networks that it nests. */
  private void insertModel(NewVersion version) {
    if (version.needs().isEmpty()) {
      models.insertForeign(version.model(), version.spec());
    } else {
      models.insert(version.model(), version.spec());
    }
  }

  @Override
  public Optional<ModelVersion> find(String model, int version) {
    return permits(model)
        ? versions.find(model, version).map(versions::withTable).map(seen())
        : Optional.empty();
  }

  @Override
  public Optional<ModelVersion> findLatest(String model) {
    return permits(model)
        ? versions.findLatest(model).map(versions::withTable).map(seen())
        : Optional.empty();
  }

  /** Other models are as if they were not there. */
  private static boolean permits(String model) {
    return Identity.current().permitsModel(model);
  }

  private static UnaryOperator<ModelVersion> seen() {
    Identity caller = Identity.current();
    return version -> version.asSeenBy(caller);
  }

  @Override
  public List<Placed<ModelVersion>> select(
      String model, Selection selection, @Nullable String after, int limit) {
    require(model);
    return versions.select(model, selection, after, limit).stream()
        .map(placed -> new Placed<>(seen().apply(placed.item()), placed.cursor()))
        .toList();
  }

  @Override
  public List<Integer> numbers(String model, int limit) {
    require(model);
    return versions.numbers(model, limit);
  }

  private void require(String model) {
    if (!permits(model)) {
      throw Model.notFound(model);
    }
    models.require(model);
  }

  @Override
  public void delete(String model, int version, Precondition<ModelVersion> precondition) {
    require(model);
    transactions.run(
        model,
        () -> {
          long id = models.lock(model);
          precondition.check(Optional.of(versions.require(model, version)).map(seen()));
          if (versions.isOnly(id)) {
            aliases.deleteGranted(id);
          }
          versions.delete(versions.require(model, version));
        });
  }
}
