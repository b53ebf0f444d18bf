package io.trainyard.store.dataset;

import io.trainyard.dataset.DatasetStore;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Upload;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One data set, {@code xor@1}, that can be held and let go. */
public final class FakeDatasets {
  static final DatasetVersion XOR =
      new DatasetVersion(
          "xor",
          1,
          Upload.Format.CSV,
          "ab".repeat(32),
          1,
          4,
          0,
          40,
          List.of(),
          List.of(),
          Instant.EPOCH);

  public final Set<String> holders = ConcurrentHashMap.newKeySet();
  public boolean broken;

  public DatasetStore store() {
    return (DatasetStore)
        Proxy.newProxyInstance(
            DatasetStore.class.getClassLoader(),
            new Class<?>[] {DatasetStore.class},
            (_, method, arguments) -> answer(method.getName(), arguments));
  }

  private @Nullable Object answer(String method, Object[] arguments) {
    if (method.equals("find")) {
      return Optional.of(XOR);
    }
    if (method.equals("hold") && !broken) {
      holders.add((String) arguments[1]);
      return null;
    }
    if (method.equals("letGo")) {
      holders.remove((String) arguments[0]);
      return null;
    }
    throw new IllegalStateException("broken");
  }
}
