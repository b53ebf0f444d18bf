package io.trainyard.store.model;

import io.trainyard.model.VersionResolver;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.FileStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The stores of models over one database and one folder, wired as in the service. */
public final class ModelStores {
  public final JdbcModelCatalogue models;
  public final JdbcVersionStore versions;
  public final JdbcAliasStore aliases;
  public final JdbcServingStore serving;
  public final FileWeightStore weights;
  public final JdbcModelHolds holds;
  public final VersionResolver resolver;

  public ModelStores(JdbcClient jdbc, TransactionTemplate transaction, Path folder, Clock clock) {
    this(
        jdbc,
        transaction,
        FileStores.local(
            new DataDirectory(folder), () -> false, clock, List.of(Duration.ofMillis(1))),
        clock);
  }

  public ModelStores(
      JdbcClient jdbc, TransactionTemplate transaction, FileStores files, Clock clock) {
    var transactions = new ModelTransactions(transaction);
    models = new JdbcModelCatalogue(jdbc, transactions, clock);
    weights = new FileWeightStore(jdbc, files);
    versions = new JdbcVersionStore(jdbc, transactions, weights, clock);
    aliases = new JdbcAliasStore(jdbc, transactions, clock);
    serving = new JdbcServingStore(jdbc, transactions, clock);
    holds = new JdbcModelHolds(jdbc);
    resolver = new VersionResolver(models, versions, aliases);
  }
}
