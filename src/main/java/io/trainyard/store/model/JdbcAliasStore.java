package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.model.Alias;
import io.trainyard.model.AliasStore;
import io.trainyard.model.Precondition;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Aliases in the database that all processes share. */
@Component
public final class JdbcAliasStore implements AliasStore {
  private final ModelTransactions transactions;
  private final ModelTable models;
  private final AliasTable aliases;
  private final VersionTable versions;

  public JdbcAliasStore(JdbcClient jdbc, ModelTransactions transactions, Clock clock) {
    this.transactions = transactions;
    this.models = new ModelTable(jdbc, clock);
    this.aliases = new AliasTable(jdbc, clock);
    this.versions = new VersionTable(jdbc, clock);
  }

  @Override
  public Alias move(
      String model, String alias, int version, String by, Precondition<Alias> precondition) {
    return transactions.call(
        model,
        () -> {
          long id = models.lock(model);
          versions.require(model, version);
          Optional<Alias> current = aliases.find(model, alias);
          precondition.check(current);
          aliases.move(id, current.orElse(null), alias, version, by);
          return aliases.require(model, alias);
        });
  }

  @Override
  public Alias rollback(String model, String alias, String by, Precondition<Alias> precondition) {
    return transactions.call(
        model,
        () -> {
          long id = models.lock(model);
          Alias current = aliases.require(model, alias);
          precondition.check(Optional.of(current));
          aliases.rollback(id, current, by);
          return aliases.require(model, alias);
        });
  }

  @Override
  public Optional<Alias> find(String model, String alias) {
    return Identity.current().permitsModel(model) ? aliases.find(model, alias) : Optional.empty();
  }

  @Override
  public List<Alias> list(String model) {
    models.require(model);
    return aliases.list(model);
  }

  @Override
  public List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before) {
    models.require(model);
    aliases.require(model, alias);
    return aliases.history(model, alias, limit, before);
  }

  @Override
  public void delete(String model, String alias, Precondition<Alias> precondition) {
    transactions.run(
        model,
        () -> {
          long id = models.lock(model);
          precondition.check(Optional.of(aliases.require(model, alias)));
          aliases.delete(id, alias);
        });
  }
}
