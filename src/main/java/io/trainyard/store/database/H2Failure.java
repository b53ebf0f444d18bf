package io.trainyard.store.database;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;
import org.h2.api.ErrorCode;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** What the failures of the embedded database mean. */
final class H2Failure {
  /** A connection is a closed object when the database has closed under it. */
  private static final Set<Integer> CLOSED =
      Set.of(
          ErrorCode.DATABASE_IS_CLOSED,
          ErrorCode.DATABASE_CALLED_AT_SHUTDOWN,
          ErrorCode.OBJECT_CLOSED);

  private static final Set<Integer> DAMAGED =
      Set.of(
          ErrorCode.FILE_CORRUPTED_1,
          ErrorCode.FILE_VERSION_ERROR_1,
          ErrorCode.DATABASE_NOT_FOUND_WITH_IF_EXISTS_1);

  /** A wrapper's message begins with the class of its cause, also where that cause says nothing. */
  private static final Pattern CLASS_NAME =
      Pattern.compile("^(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error)(?:: ?|$)");

  private H2Failure() {}

  /** Whether the database has closed itself, which it does when it cannot write its file. */
  static boolean isClosed(SQLException failure) {
    return CLOSED.contains(failure.getErrorCode())
        || hasCode(failure, DataUtils.ERROR_WRITING_FAILED)
        || hasCode(failure, DataUtils.ERROR_CLOSED);
  }

  /** Whether the database is open for reading only. */
  static boolean isReadOnly(SQLException failure) {
    return failure.getErrorCode() == ErrorCode.DATABASE_IS_READ_ONLY;
  }

  /** Whether the file is missing, or is not a sound database. */
  static boolean isDamaged(SQLException failure) {
    return DAMAGED.contains(failure.getErrorCode())
        || hasCode(failure, DataUtils.ERROR_FILE_CORRUPT)
        || hasCode(failure, DataUtils.ERROR_CHUNK_NOT_FOUND);
  }

  /** Whether another process has opened the file. */
  static boolean isInUse(SQLException failure) {
    return failure.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1
        || hasCode(failure, DataUtils.ERROR_FILE_LOCKED);
  }

  /** Whether a file could not be written, as on a full disk. */
  static boolean isUnwritten(Throwable failure) {
    return hasCode(failure, DataUtils.ERROR_WRITING_FAILED);
  }

  private static boolean hasCode(Throwable failure, int code) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof MVStoreException fault && fault.getErrorCode() == code) {
        return true;
      }
    }
    return false;
  }

  /** The deepest message, in one line. The deepest failure of a damaged file may have none. */
  static String reason(Throwable failure) {
    String reason = "its content is damaged";
    for (Throwable e = failure; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      // What H2 says about a page goes on with what only its authors understand.
      String sentence = CLASS_NAME.matcher(message).replaceFirst("").replaceFirst(", chunk .*", "");
      if (e.getMessage() != null && !sentence.isBlank()) {
        reason = sentence;
      }
    }
    return reason;
  }
}
