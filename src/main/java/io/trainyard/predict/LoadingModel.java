package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A version that is loaded or loading.
 *
 * @param reserved the bytes counted for it
 */
record LoadingModel(ModelVersion version, CompletableFuture<LoadedModel> model, long reserved) {
  boolean isLoaded() {
    return model.isDone() && !model.isCompletedExceptionally();
  }

  /**
   * Waits until it is loaded.
   *
   * @param deadline by {@link System#nanoTime}
   * @throws ServiceException LOADING when it is not loaded in time
   */
  LoadedModel await(long deadline) {
    try {
      return model.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ServiceException(
          ErrorCode.LOADING, version.reference() + " is still loading; retry shortly", e);
    } catch (ExecutionException e) {
      throw failure(version, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
  }

  /** Why a version is not in memory. */
  static RuntimeException failure(ModelVersion version, @Nullable Throwable cause) {
    return cause instanceof ServiceException known
        ? known
        : new IllegalStateException(version.reference() + " cannot be loaded", cause);
  }
}
