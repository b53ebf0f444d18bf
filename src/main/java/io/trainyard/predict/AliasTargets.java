package io.trainyard.predict;

import io.trainyard.error.ServiceException;
import io.trainyard.model.Alias;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Which versions the callers of aliases are sent to. However and wherever an alias was moved, this
 * process answers from the version before until the new one is loaded and warm.
 */
final class AliasTargets {
  private static final int MAX_ENTRIES = 10_000;

  private final LoadedModels models;
  private final ConcurrentMap<Name, ModelVersion> serving = new ConcurrentHashMap<>();

  AliasTargets(LoadedModels models) {
    this.models = models;
  }

  private record Name(String model, String alias) {}

  /**
   * The version to answer from.
   *
   * @param reference as the caller gave it
   * @param found what the reference means now
   */
  ModelVersion current(String model, @Nullable String reference, ModelVersion found) {
    String alias = reference == null ? ModelRegistry.PRODUCTION : reference;
    boolean named = reference == null ? found.aliases().contains(alias) : Alias.isName(alias);
    if (!named) {
      return found;
    }
    Name name = new Name(model, alias);
    ModelVersion before = serving.get(name);
    if (before != null && before.id() == found.id()) {
      return found;
    }
    if (before != null && !models.isReady(found) && models.isReady(before)) {
      begin(found);
      if (models.isReady(before)) {
        return before;
      }
    }
    if (serving.size() >= MAX_ENTRIES) {
      serving.clear();
    }
    serving.put(name, found);
    return found;
  }

  private void begin(ModelVersion version) {
    try {
      models.begin(version);
    } catch (ServiceException e) {
      // There is no room yet: the next caller tries again.
    }
  }
}
