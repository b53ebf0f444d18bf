package io.trainyard.predict;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.trainyard.model.Alias;
import io.trainyard.model.ModelVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The version that each alias answers from. After an alias moved, in this process or another, this
 * process answers from the old version until the new one is loaded and warm.
 */
final class AliasTargets {
  private static final int MAX_ALIASES = 10_000;

  /** An alias unused for this long is forgotten; its next caller may wait for loading. */
  private static final Duration UNUSED_FOR = Duration.ofDays(1);

  private final LoadedModels models;
  private final Cache<Name, ModelVersion> serving =
      Caffeine.newBuilder()
          .maximumSize(MAX_ALIASES)
          .expireAfterAccess(UNUSED_FOR)
          .executor(Runnable::run)
          .build();

  AliasTargets(LoadedModels models) {
    this.models = models;
  }

  private record Name(String model, String alias) {}

  /**
   * The version to answer from.
   *
   * @param reference what the caller asked for
   * @param found the version that the reference resolves to now
   */
  ModelVersion current(String model, @Nullable String reference, ModelVersion found) {
    String alias = reference == null ? Alias.PRODUCTION : reference;
    boolean named = reference == null ? found.aliases().contains(alias) : Alias.isName(alias);
    if (!named) {
      return found;
    }
    Name name = new Name(model, alias);
    ModelVersion before = serving.getIfPresent(name);
    if (before != null && before.id() == found.id()) {
      return found;
    }
    if (before != null
        && ofOneModel(before, found)
        && !models.isReady(found)
        && models.isReady(before)) {
      startLoading(found);
      if (models.isReady(before)) {
        return before;
      }
    }
    serving.put(name, found);
    return found;
  }

  /** A model that was deleted and made again counts its versions from 1, and their ids go on. */
  private static boolean ofOneModel(ModelVersion before, ModelVersion found) {
    return (before.id() < found.id()) == (before.version() < found.version());
  }

  private void startLoading(ModelVersion version) {
    try {
      models.startLoading(version);
    } catch (RuntimeException e) {
      // There is no room yet, or it cannot be loaded. LoadedModels logs that, and a later caller
      // tries
      // again.
    }
  }
}
