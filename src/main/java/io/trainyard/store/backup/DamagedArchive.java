package io.trainyard.store.backup;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;

/** Why an archive is refused. */
final class DamagedArchive {
  private DamagedArchive() {}

  static ServiceException because(String reason) {
    return new ServiceException(
        ErrorCode.MALFORMED_BODY,
        "The archive cannot be restored: %s; nothing was changed".formatted(reason));
  }
}
