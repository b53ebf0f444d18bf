package io.trainyard.store.model;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs changes of models, versions and aliases in transactions, and counts the committed ones of
 * each model.
 */
@Component
final class ModelTransactions {
  private final TransactionTemplate transaction;
  private final ConcurrentMap<String, Long> committed = new ConcurrentHashMap<>();

  ModelTransactions(TransactionTemplate transaction) {
    this.transaction = transaction;
  }

  long committed(String model) {
    return committed.getOrDefault(model, 0L);
  }

  /** Joins the caller's transaction, if there is one. */
  <T> T call(String model, Supplier<T> change) {
    return transaction.execute(
        _ -> {
          TransactionSynchronizationManager.registerSynchronization(new Count(model));
          return change.get();
        });
  }

  void run(String model, Runnable change) {
    call(
        model,
        () -> {
          change.run();
          return true;
        });
  }

  private final class Count implements TransactionSynchronization {
    private final String model;

    Count(String model) {
      this.model = model;
    }

    @Override
    public void afterCommit() {
      committed.merge(model, 1L, Long::sum);
    }
  }
}
