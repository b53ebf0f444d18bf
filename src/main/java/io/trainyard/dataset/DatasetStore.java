package io.trainyard.dataset;

import java.util.Optional;

/** Where data set versions live. */
public interface DatasetStore {
  Optional<DatasetVersion> find(String name, int version);

  Optional<DatasetVersion> findLatest(String name);
}
