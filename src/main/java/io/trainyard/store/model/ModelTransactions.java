package io.trainyard.store.model;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs changes of models, versions and aliases in transactions and counts the committed ones. */
@Component
final class ModelTransactions {
  private final TransactionTemplate transaction;
  private final AtomicLong committed = new AtomicLong();
  private final TransactionSynchronization countWhenCommitted =
      new TransactionSynchronization() {
        @Override
        public void afterCommit() {
          committed.incrementAndGet();
        }
      };

  ModelTransactions(TransactionTemplate transaction) {
    this.transaction = transaction;
  }

  long committed() {
    return committed.get();
  }

  /** Joins the caller's transaction, if there is one. */
  <T> T call(Supplier<T> change) {
    T result =
        transaction.execute(
            _ -> {
              TransactionSynchronizationManager.registerSynchronization(countWhenCommitted);
              return change.get();
            });
    if (result == null) {
      throw new IllegalStateException("the change returned null");
    }
    return result;
  }

  void run(Runnable change) {
    call(
        () -> {
          change.run();
          return true;
        });
  }
}
