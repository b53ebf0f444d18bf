package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.Precondition;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Models in the database that all processes share. */
@Component
public final class JdbcModelCatalogue implements ModelCatalogue {
  private final JdbcClient jdbc;
  private final ModelTransactions transactions;
  private final ModelTable models;
  private final AliasTable aliases;
  private final VersionTable versions;
  private final JdbcModelHolds holds;
  private final QuotaTurns turns;

  public JdbcModelCatalogue(JdbcClient jdbc, ModelTransactions transactions, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.models = new ModelTable(jdbc, clock);
    this.aliases = new AliasTable(jdbc, clock);
    this.holds = new JdbcModelHolds(jdbc);
    this.turns = new QuotaTurns(jdbc);
    this.versions = new VersionTable(jdbc, clock);
  }

  @Override
  public Model create(String name, JsonNode spec) {
    Identity.current().requireModel(name);
    if (models.id(name).isPresent()) {
      throw exists(name);
    }
    try {
      turns.call(
          () ->
              transactions.call(
                  name,
                  () -> {
                    JdbcIdempotencyKeys.created(jdbc, new Created(Created.Kind.MODEL, name));
                    models.insert(name, spec);
                    return true;
                  }));
    } catch (DuplicateKeyException e) {
      throw exists(name);
    }
    return get(name);
  }

  private static ServiceException exists(String name) {
    return new ServiceException(
        ErrorCode.ALREADY_EXISTS, "There is a model '" + name + "' already; PUT changes it");
  }

  @Override
  public Model put(String name, JsonNode spec, Precondition<Model> precondition) {
    Identity.current().requireModel(name);
    try {
      return putOnce(name, spec, precondition);
    } catch (DuplicateKeyException e) {
      // Another caller just created it: this change is the later one.
      return putOnce(name, spec, precondition);
    }
  }

  private Model putOnce(String name, JsonNode spec, Precondition<Model> precondition) {
    return turns.call(
        () ->
            transactions.call(
                name,
                () -> {
                  boolean exists = models.lockIfExists(name).isPresent();
                  precondition.check(models.find(name));
                  if (exists) {
                    models.update(name, spec);
                  } else {
                    models.insert(name, spec);
                  }
                  return get(name);
                }));
  }

  @Override
  public Optional<Model> find(String name) {
    Identity caller = Identity.current();
    return caller.permitsModel(name)
        ? models.find(name).map(model -> model.asSeenBy(caller))
        : Optional.empty();
  }

  @Override
  public List<Model> list(int limit, @Nullable Long before) {
    Identity caller = Identity.current();
    return models.list(limit, before, caller.models()).stream()
        .map(model -> model.asSeenBy(caller))
        .toList();
  }

  @Override
  public List<Placed<Model>> select(
      Selection selection, Set<String> refused, @Nullable String after, int limit) {
    Identity caller = Identity.current();
    return models.select(selection, refused, after, limit, caller.models()).stream()
        .map(placed -> new Placed<>(placed.item().asSeenBy(caller), placed.cursor()))
        .toList();
  }

  @Override
  public void delete(String name, Precondition<Model> precondition) {
    Identity.current().requireModel(name);
    transactions.run(
        name,
        () -> {
          long model = models.lock(name);
          precondition.check(models.find(name));
          holds.checkModel(model);
          aliases.deleteGranted(model);
          checkNoAlias(name);
          holds.releaseModel(model);
          versions.deleteAll(model);
          models.delete(model);
        });
  }

  private void checkNoAlias(String model) {
    List<Alias> pointing = aliases.list(model);
    if (!pointing.isEmpty()) {
      Alias first = pointing.getFirst();
      throw new ServiceException(
          ErrorCode.IN_USE,
          "The alias '%s' points at version %d of '%s'; delete the alias first"
              .formatted(first.name(), first.version(), model));
    }
  }
}
