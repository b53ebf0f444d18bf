package io.trainyard.store.job;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** For tests in which no job publishes a dataset. */
final class NoDatasets implements DerivedDatasets {
  @Override
  public Extension extend(DatasetVersion source, List<NewColumn> columns, String key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DatasetVersion publish(Staged staged, @Nullable String owner) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forget(Predicate<String> keys) {}
}
