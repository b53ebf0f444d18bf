package io.trainyard.access;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import org.jspecify.annotations.Nullable;

/** Refuses callers what is more than they may store or queue. Callers without a key have none. */
public record Quotas(StoredUsage usage) {
  /**
   * Checks the room for something that the current caller stores.
   *
   * @param bytes how large it is; 0 where nobody knows yet
   */
  public void checkBytes(long bytes) {
    Identity caller = Identity.current();
    Long most = caller.limits().storedBytes();
    if (most == null || caller.id().isEmpty()) {
      return;
    }
    long used = usage.bytes(caller.id());
    if (used >= most || bytes > most - used) {
      throw new ServiceException(
          ErrorCode.QUOTA_EXCEEDED,
          "'%s' has stored %d of %d bytes, and this is %s more; delete datasets, models or versions first"
              .formatted(caller.name(), used, most, bytes == 0 ? "some" : bytes),
          ServiceException.NEVER);
    }
  }

  /** Checks the room for one more job of the current caller. */
  public void checkJobs() {
    Identity caller = Identity.current();
    @Nullable Integer most = caller.limits().unfinishedJobs();
    if (most == null || caller.id().isEmpty()) {
      return;
    }
    long unfinished = usage.unfinishedJobs(caller.id());
    if (unfinished >= most) {
      throw new ServiceException(
          ErrorCode.QUOTA_EXCEEDED,
          "'%s' has %d jobs queued or running, and may have %d; wait for one, or cancel one"
              .formatted(caller.name(), unfinished, most));
    }
  }
}
