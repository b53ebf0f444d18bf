package io.trainyard.store.job;

import io.trainyard.job.Outages;
import io.trainyard.store.database.Outage;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Outages as {@link Outage} recognizes them. */
@Component
final class JobOutages implements Outages {
  @Override
  public <T> T retryWhileDown(Supplier<T> change) {
    return Outage.retryWhileDown(change);
  }

  @Override
  public boolean isOutage(RuntimeException failure) {
    return Outage.is(failure);
  }
}
