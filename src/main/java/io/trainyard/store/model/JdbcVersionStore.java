package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionStore;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.Outage;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Versions in the database that all processes share. */
@Component
public final class JdbcVersionStore implements VersionStore {
  private final JdbcClient jdbc;
  private final ModelTransactions transactions;
  private final FileWeightStore weights;
  private final ModelTable models;
  private final VersionTable versions;
  private final QuotaTurns turns;

  public JdbcVersionStore(
      JdbcClient jdbc, ModelTransactions transactions, FileWeightStore weights, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.weights = weights;
    this.models = new ModelTable(jdbc, clock);
    this.versions = new VersionTable(jdbc, clock);
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
  public ModelVersion publish(NewVersion version) {
    weights.touch(version.weights());
    return turns.call(() -> publishOnce(version));
  }

  private ModelVersion publishOnce(NewVersion version) {
    return transactions.call(
        version.model(),
        () -> {
          if (models.id(version.model()).isEmpty()) {
            insertModel(version);
          }
          ModelVersion published = versions.insert(models.lock(version.model()), version);
          JdbcIdempotencyKeys.created(
              jdbc,
              new Created(
                  Created.Kind.MODEL_VERSION, published.model() + "@" + published.version()));
          return published;
        });
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
          models.lock(model);
          ModelVersion current = versions.require(model, version);
          precondition.check(Optional.of(current).map(seen()));
          versions.delete(current);
        });
  }
}
