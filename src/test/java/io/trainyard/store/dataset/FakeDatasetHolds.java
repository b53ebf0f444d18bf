package io.trainyard.store.dataset;

import io.trainyard.dataset.DatasetHolds;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers who holds a dataset. */
public final class FakeDatasetHolds implements DatasetHolds {
  public final Set<String> holders = ConcurrentHashMap.newKeySet();
  public boolean broken;

  @Override
  public void hold(String name, int version, String holder) {
    if (broken) {
      throw new IllegalStateException("broken");
    }
    holders.add(holder);
  }

  @Override
  public void release(String holder) {
    holders.remove(holder);
  }
}
